import { describe, expect, it } from 'vitest';
import { addonIdentities, type AddonIdentity } from '../../../../programs/provider.js';
import { addonServiceAccounts } from '../../../../programs/service-accounts.js';
import { guid } from '../../../../programs/azure/guid.js';
import { addonGrants, poolGrants } from '../../../../programs/azure/policies/addons.js';
import { exactly, issuerDocuments, withinPrefixes } from '../../../../programs/azure/policies/containers.js';
import { builtInRoles, customRoles, type CustomRole, type Grant } from '../../../../programs/azure/policies/document.js';
import { controlPlaneGrants, serviceGrants, workerGrants } from '../../../../programs/azure/policies/nodes.js';
import { addonPrefixes, type PolicySubjects } from '../../../../programs/azure/policies/subjects.js';
import { federatedTrust } from '../../../../programs/azure/policies/trust.js';

const group = '/subscriptions/5ab5c0de-0000-4000-8000-000000000001/resourceGroups/payments-prod-abc123-group';
const names = '/subscriptions/5ab5c0de-0000-4000-8000-000000000001/resourceGroups/names';
const zones = ['example.com', 'example.org'].map((zone) => `${names}/providers/Microsoft.Network/dnsZones/${zone}`);
const sopsKey = `${names}/providers/Microsoft.KeyVault/vaults/owners/keys/sops`;
const subjects: PolicySubjects = {
  group,
  vaults: { 'control-plane': `${group}/vault-cp`, join: `${group}/vault-join`, provisioner: `${group}/vault-prov` },
  applicationVault: `${group}/vault-apps`,
  container: `${group}/backups/cluster`,
  issuerContainer: `${group}/issuer/issuer`,
  zones: { group: names, ids: zones },
  sopsKey: { group: names, id: sopsKey },
};
const grants: Record<string, Grant[]> = {
  'control plane': controlPlaneGrants(subjects),
  worker: workerGrants(subjects),
  service: serviceGrants(subjects),
  ...Object.fromEntries(addonIdentities.map((addon) => [addon, addonGrants(addon, subjects)])),
};
const roleOf = ({ role }: Grant): string => ('builtIn' in role ? role.builtIn : role.custom);
const permissionsOf = (role: CustomRole): string[] => [...customRoles[role].actions, ...customRoles[role].dataActions];
const onPool = addonIdentities.map((addon) => ({ addon, own: poolGrants(addon, 'general', `${group}/pool`) })).filter(({ own }) => own.length > 0);
const roles = Object.keys(customRoles) as CustomRole[];
const blobs = 'Microsoft.Storage/storageAccounts/blobServices/containers/blobs';

/** Every permission of a custom role, without the provider's name, and who needs it. What is not listed here, no role may have. */
const allowList: Record<CustomRole, { needs: string; permissions: string[] }> = {
  'secret-publisher': { needs: 'Control planes', permissions: ['vaults/secrets/getSecret/action', 'vaults/secrets/setSecret/action'] },
  'object-writer': { needs: 'Nodes', permissions: [`${blobs}/write`] },
  'object-user': { needs: 'Control planes', permissions: [`${blobs}/read`, `${blobs}/write`] },
  'object-keeper': { needs: 'Velero, Loki and Tempo', permissions: ['storageAccounts/blobServices/containers/read', `${blobs}/read`, `${blobs}/write`, `${blobs}/delete`] },
  'service-balancer': {
    needs: 'Cloud controller manager',
    permissions: [
      'virtualMachines/read', 'virtualMachines/instanceView/read', 'virtualMachineScaleSets/read', 'virtualMachineScaleSets/instanceView/read', 'virtualMachineScaleSets/virtualMachines/read',
      'virtualMachineScaleSets/virtualMachines/instanceView/read', 'virtualMachineScaleSets/virtualMachines/networkInterfaces/read',
      'loadBalancers/read', 'loadBalancers/write', 'loadBalancers/delete', 'loadBalancers/backendAddressPools/read', 'loadBalancers/backendAddressPools/write',
      'loadBalancers/backendAddressPools/delete', 'loadBalancers/backendAddressPools/join/action', 'networkInterfaces/read', 'networkSecurityGroups/read', 'networkSecurityGroups/write',
      'publicIPAddresses/read', 'publicIPAddresses/write', 'publicIPAddresses/delete', 'publicIPAddresses/join/action',
      'virtualNetworks/read', 'virtualNetworks/joinLoadBalancer/action', 'virtualNetworks/subnets/read', 'virtualNetworks/subnets/join/action',
    ],
  },
  'disk-keeper': {
    needs: 'Storage driver',
    permissions: [
      'diskEncryptionSets/read', 'disks/read', 'disks/write', 'disks/delete', 'snapshots/read', 'snapshots/write', 'snapshots/delete', 'virtualMachines/read', 'virtualMachineScaleSets/read', 'virtualMachineScaleSets/virtualMachines/read',
      'subscriptions/resourceGroups/read',
    ],
  },
  'disk-attacher': { needs: 'Storage driver', permissions: ['virtualMachineScaleSets/virtualMachines/read', 'virtualMachineScaleSets/virtualMachines/write'] },
  'pool-reader': {
    needs: 'Cluster autoscaler',
    permissions: [
      'virtualMachines/read', 'virtualMachineScaleSets/read', 'virtualMachineScaleSets/virtualMachines/read', 'virtualMachineScaleSets/virtualMachines/instanceView/read',
    ],
  },
  'zone-lister': { needs: 'external-dns', permissions: ['dnsZones/read', 'privateDnsZones/read'] },
  'record-keeper': {
    needs: 'external-dns',
    permissions: [
      'dnsZones/ALL/read', 'dnsZones/A/write', 'dnsZones/A/delete', 'dnsZones/AAAA/write', 'dnsZones/AAAA/delete', 'dnsZones/CNAME/write', 'dnsZones/CNAME/delete', 'dnsZones/TXT/write', 'dnsZones/TXT/delete',
      'privateDnsZones/ALL/read', 'privateDnsZones/A/write', 'privateDnsZones/A/delete', 'privateDnsZones/AAAA/write', 'privateDnsZones/AAAA/delete', 'privateDnsZones/CNAME/write', 'privateDnsZones/CNAME/delete',
      'privateDnsZones/TXT/write', 'privateDnsZones/TXT/delete',
    ],
  },
  'key-decrypter': { needs: 'Flux', permissions: ['vaults/keys/decrypt/action'] },
  'pool-scaler': { needs: 'Cluster autoscaler', permissions: ['virtualMachineScaleSets/write', 'virtualMachineScaleSets/delete/action'] },
};

describe('azure custom roles', () => {
  it.each(roles)('allow %s what is listed for the component that needs it, and nothing else', (role) => {
    const { needs, permissions } = allowList[role];
    expect(permissionsOf(role).map((permission) => (permission.startsWith(blobs) ? permission : permission.slice(permission.indexOf('/') + 1)))).toEqual(permissions);
    expect(customRoles[role].description).toMatch(new RegExp(`^${needs}\\b`));
  });

  it('name every action: none by wildcard', () => {
    expect(roles.flatMap(permissionsOf).filter((permission) => permission.includes('*'))).toEqual([]);
  });

  it('let nobody change who may do what, read account keys, run commands on machines or take their disks away', () => {
    const forbidden = /Microsoft\.Authorization|listKeys|runCommand|extensions|(virtualMachines|virtualMachineScaleSets)\/write|vaults\/(write|delete)|beginGetAccess|assign\/action|generateUserDelegationKey/i;
    const permissions = roles.flatMap((role) => permissionsOf(role).map((permission) => `${role} ${permission}`)).filter((permission) => forbidden.test(permission));
    // Attaching a disk writes the machine, changing their number the scale set; both are given on scale sets alone.
    expect(permissions).toEqual(['disk-attacher Microsoft.Compute/virtualMachineScaleSets/virtualMachines/write', 'pool-scaler Microsoft.Compute/virtualMachineScaleSets/write']);
  });

  it('are all given to somebody', () => {
    const given = new Set([...Object.values(grants).flat(), ...onPool.flatMap(({ own }) => own)].map(roleOf));
    expect([...roles].filter((role) => !given.has(role))).toEqual([]);
  });
});

describe('azure rights', () => {
  it('hold on the cluster\'s resource group or something in it, but for those on the zones and the key that the spec names', () => {
    const outside = Object.entries(grants).flatMap(([who, own]) => own.filter(({ scope }) => scope !== group && !scope.startsWith(`${group}/`)).map((grant) => [who, roleOf(grant), grant.scope]));
    expect(outside).toEqual([['external-dns', 'zone-lister', names], ...zones.map((zone) => ['external-dns', 'record-keeper', zone]), ['kustomize-controller', 'key-decrypter', sopsKey]]);
  });

  it('are on the whole group for controllers alone, and reading only for the autoscaler', () => {
    const wide = Object.entries(grants).flatMap(([who, own]) => own.filter(({ scope }) => scope === group).map((grant) => `${who}: ${roleOf(grant)}`));
    expect(wide).toEqual(['cloud-controller-manager: service-balancer', 'disk-csi: disk-keeper', 'cluster-autoscaler: pool-reader']);
  });

  it('are limited to prefixes or blobs by a condition wherever they are on a container', () => {
    for (const { scope, condition } of Object.values(grants).flat()) {
      if (scope === subjects.container || scope === subjects.issuerContainer) expect(condition).toContain('@Resource[');
      else expect(condition).toBeUndefined();
    }
  });

  it('let a worker read the join set and write steps, and nothing else', () => {
    expect(grants['worker']).toEqual([
      { name: 'join-secrets', role: { builtIn: 'secret-reader' }, scope: subjects.vaults.join },
      { name: 'own-steps', role: { custom: 'object-writer' }, scope: subjects.container, condition: withinPrefixes(['rendezvous/nodes/']) },
    ]);
  });

  it('let the control planes alone into their vault', () => {
    const readers = Object.entries(grants).filter(([, own]) => own.some(({ scope }) => scope === subjects.vaults['control-plane'])).map(([who]) => who);
    expect(readers).toEqual(['control plane']);
  });

  it('let external-secrets read the applications\' vault, and nobody else', () => {
    expect(grants['external-secrets']).toEqual([{ name: 'secrets', role: { builtIn: 'secret-reader' }, scope: subjects.applicationVault }]);
    const readers = Object.entries(grants).filter(([, own]) => own.some(({ scope }) => scope === subjects.applicationVault)).map(([who]) => who);
    expect(readers).toEqual(['external-secrets']);
  });

  it('let the service read what is published for it, write orders and what a restore wants of new control planes, put backups of another cluster beside the cluster\'s own, and write nothing else', () => {
    expect(grants['service']?.map((grant) => [roleOf(grant), grant.scope])).toEqual([['secret-reader', subjects.vaults.provisioner], ['object-reader', subjects.container], ['object-writer', subjects.container]]);
    expect(grants['service']?.find((grant) => roleOf(grant) === 'object-writer')?.condition).toBe(withinPrefixes(['rendezvous/orders/', 'rendezvous/restoration.json', 'velero/backups/', 'velero/kopia/']));
  });

  it('let the storage driver attach disks to machines of pools, and the autoscaler change their number, never at control planes', () => {
    expect(onPool).toEqual([
      { addon: 'disk-csi', own: [{ name: 'attach-general', role: { custom: 'disk-attacher' }, scope: `${group}/pool` }] },
      { addon: 'cluster-autoscaler', own: [{ name: 'scale-general', role: { custom: 'pool-scaler' }, scope: `${group}/pool` }] },
    ]);
    const onGroup = Object.values(grants).flat().filter(({ scope }) => scope === group).map(roleOf) as CustomRole[];
    expect(onGroup.flatMap(permissionsOf).filter((permission) => /virtualMachine.*(write|delete)/i.test(permission))).toEqual([]);
  });

  it('have names of their own within an identity', () => {
    for (const own of Object.values(grants)) expect(new Set(own.map(({ name }) => name)).size).toBe(own.length);
  });

  it('name built-in roles by their GUID', () => {
    for (const id of Object.values(builtInRoles)) expect(id).toMatch(/^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/);
  });
});

describe('azure conditions', () => {
  it('bind single blobs by path, and lists by the prefix that is asked for', () => {
    expect(withinPrefixes(['velero/'])).toBe(
      `((!((ActionMatches{'${blobs}/read'} AND NOT SubOperationMatches{'Blob.List'}) OR ActionMatches{'${blobs}/write'} OR ActionMatches{'${blobs}/delete'})) `
      + `OR (@Resource[${blobs}:path] StringStartsWith 'velero/')) AND ((!(ActionMatches{'${blobs}/read'} AND SubOperationMatches{'Blob.List'})) OR (@Request[${blobs}:prefix] StringStartsWith 'velero/'))`,
    );
  });

  it('keep each add-on to a prefix of its own', () => {
    for (const addon of ['velero', 'loki', 'tempo'] as const satisfies readonly AddonIdentity[]) {
      expect(addonGrants(addon, subjects).map(({ condition }) => condition)).toEqual([withinPrefixes([addonPrefixes[addon]])]);
    }
  });

  it('let control planes publish the issuer\'s two documents and no other', () => {
    expect(exactly(issuerDocuments)).toBe(
      `((!(ActionMatches{'${blobs}/write'})) OR (@Resource[${blobs}:path] StringEquals '.well-known/openid-configuration' OR @Resource[${blobs}:path] StringEquals 'openid/v1/jwks'))`,
    );
    expect(controlPlaneGrants({ ...subjects, issuerContainer: undefined }).some(({ name }) => name === 'issuer-documents')).toBe(false);
  });
});

describe('azure trust', () => {
  it('binds an add-on\'s identity to issuer, audience and service account', () => {
    for (const addon of addonIdentities) {
      const { namespace, name } = addonServiceAccounts.azure[addon];
      expect(federatedTrust('https://issuer.example/issuer', addonServiceAccounts.azure[addon])).toEqual({
        issuer: 'https://issuer.example/issuer', subject: `system:serviceaccount:${namespace}:${name}`, audiences: ['api://AzureADTokenExchange'],
      });
    }
  });
});

describe('azure GUIDs', () => {
  it('are the same each time, of version 5, and different for each part and cluster', () => {
    const names = ['role-object-user', 'worker-own-steps'].flatMap((part) => ['abc123def456', 'abc123def457'].map((uid) => guid(uid, part)));
    expect(guid('abc123def456', 'role-object-user')).toBe(names[0]);
    expect(new Set(names).size).toBe(4);
    for (const name of names) expect(name).toMatch(/^[0-9a-f]{8}-[0-9a-f]{4}-5[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/);
  });
});
