import { getClientConfigOutput } from '@pulumi/azure-native/authorization/getClientConfig.js';
import { RoleDefinition } from '@pulumi/azure-native/authorization/roleDefinition.js';
import { FederatedIdentityCredential } from '@pulumi/azure-native/managedidentity/federatedIdentityCredential.js';
import { UserAssignedIdentity } from '@pulumi/azure-native/managedidentity/userAssignedIdentity.js';
import type * as pulumi from '@pulumi/pulumi';
import type { ClusterSpec } from '../../model/spec.js';
import { issuerUrl } from '../nodes/issuer.js';
import { addonIdentities, type AddonIdentity } from '../provider.js';
import { addonServiceAccounts } from '../service-accounts.js';
import { assignRole, customRoleId } from './assignment.js';
import { onceMade, type Context } from './context.js';
import { addonGrants, poolGrants } from './policies/addons.js';
import { customRoles, type CustomRole, type Grant } from './policies/document.js';
import { controlPlaneGrants, serviceGrants, workerGrants } from './policies/nodes.js';
import { policySubjects } from './policies/subjects.js';
import { federatedTrust } from './policies/trust.js';
import type { Storage } from './storage.js';
import type { Vaults } from './vaults.js';

/** Who the machines and add-ons are. */
export interface Identity {
  /** Ids of the machines' identities, known once they have their rights. */
  readonly controlPlane: pulumi.Output<string>;
  readonly worker: pulumi.Output<string>;
  /** Client id of each add-on's identity; empty without workload identity. */
  readonly addons: Partial<Record<AddonIdentity, pulumi.Output<string>>>;
  /** URL of the service-account issuer, or null without workload identity. */
  readonly issuerUrl: string | null;
  /** Gives the add-ons that act on a pool their right to it: the storage driver attaches disks, the autoscaler changes the number of machines. */
  readonly grantPool: (pool: string, scaleSet: pulumi.Resource) => void;
}

/** What the identities have rights on. */
export interface IdentityGround {
  readonly storage: Storage;
  readonly vaults: Vaults;
}

/**
 * An identity for each role of machines, with exactly what it needs, and one per add-on that trusts one service account of this cluster's issuer. Without workload
 * identity the add-ons run on the control planes' host network, and the control planes' identity has their rights.
 */
export function identity(context: Context, { storage, vaults }: IdentityGround): Identity {
  const { spec, uid } = context;
  const subjects = policySubjects(context);
  const addons = neededIdentities(spec);
  const issuer = issuerUrl(spec, uid);
  const granted = Object.fromEntries(addons.map((addon) => [addon, addonGrants(addon, subjects)]));
  const withoutIssuer = issuer === null ? Object.entries(granted).flatMap(([addon, grants]) => grants.map((grant) => ({ ...grant, name: `${addon}-${grant.name}` }))) : [];

  const ground = [...roleDefinitions(context, addons), ...storage.containers, ...Object.values(vaults)];
  const assign = (who: string, principalId: pulumi.Input<string>, grants: readonly Grant[]) => grants.map((grant) => assignRole(context, who, principalId, grant, ground));
  const machine = (part: string, grants: readonly Grant[]) => {
    const made = userAssigned(context, part);
    return { made, id: onceMade(made.id, assign(part, made.principalId, grants)) };
  };
  const controlPlane = machine('control-plane', [...controlPlaneGrants(subjects), ...withoutIssuer]);
  const worker = machine('worker', workerGrants(subjects));
  assign('service', getClientConfigOutput(context.options).objectId, serviceGrants(subjects));

  const own = issuer === null ? [] : addons.map((addon) => ({ addon, made: addonIdentity(context, addon, issuer) }));
  const clientIds = own.map(({ addon, made }) => [addon, onceMade(made.clientId, assign(`addon-${addon}`, made.principalId, granted[addon] ?? []))] as const);
  return {
    controlPlane: controlPlane.id,
    worker: worker.id,
    addons: Object.fromEntries(clientIds),
    issuerUrl: issuer,
    grantPool: (pool, scaleSet) => {
      const scope = context.id('Microsoft.Compute/virtualMachineScaleSets', context.physical(`pool-${pool}`));
      for (const addon of addons) {
        const { principalId } = own.find((identityOf) => identityOf.addon === addon)?.made ?? controlPlane.made;
        for (const grant of poolGrants(addon, pool, scope)) assignRole(context, `addon-${addon}`, principalId, grant, [...ground, scaleSet]);
      }
    },
  };
}

/** The add-ons with an identity that the spec calls for. */
export function neededIdentities({ platform, gitops }: ClusterSpec): AddonIdentity[] {
  const absent: Partial<Record<AddonIdentity, boolean>> = {
    velero: platform.backup !== 'velero', 'rancher-backup': platform.backup !== 'rancher-backup', loki: platform.logging !== 'loki', tempo: platform.tracing === 'none', 'external-secrets': platform.secrets === 'none',
    'cluster-autoscaler': platform.nodeScaling === 'none', 'external-dns': platform.dns === 'none', 'kustomize-controller': platform.gitops !== 'flux' || gitops?.sops === undefined,
    'pod-network': platform.cni !== 'aws-vpc-cni',
  };
  return addonIdentities.filter((addon) => !absent[addon]);
}

function userAssigned({ options, place, tags, physical }: Context, part: string): UserAssignedIdentity {
  return new UserAssignedIdentity(part, { ...place, resourceName: physical(part), tags: tags(part) }, options);
}

/** An identity that the add-on's service account takes. */
function addonIdentity(context: Context, addon: AddonIdentity, issuer: string): UserAssignedIdentity {
  const part = `addon-${addon}`;
  const made = userAssigned(context, part);
  new FederatedIdentityCredential(part, {
    resourceGroupName: context.place.resourceGroupName,
    resourceName: made.name,
    federatedIdentityCredentialResourceName: context.physical(part),
    ...federatedTrust(issuer, addonServiceAccounts.azure[addon]),
  }, context.options);
  return made;
}

/** The definitions of the custom roles that somebody in this cluster has. A role's name is taken in the whole tenant, so it is the cluster's own. */
function roleDefinitions(context: Context, addons: readonly AddonIdentity[]): RoleDefinition[] {
  const { uid, groupId, group, options, physical } = context;
  const unnamed = !addons.includes('external-dns');
  const unscaled = !addons.includes('cluster-autoscaler');
  const absent: Partial<Record<CustomRole, boolean>> = {
    'object-keeper': !addons.includes('velero') && !addons.includes('loki') && !addons.includes('tempo'), 'pool-reader': unscaled, 'pool-scaler': unscaled, 'zone-lister': unnamed, 'record-keeper': unnamed, 'key-decrypter': !addons.includes('kustomize-controller'),
  };
  const { zones, sopsKey } = policySubjects(context);
  // DNS zones and the owner's key lie outside.
  const elsewhere: Partial<Record<CustomRole, string | undefined>> = { 'zone-lister': zones?.group, 'record-keeper': zones?.group, 'key-decrypter': sopsKey?.group };
  return (Object.keys(customRoles) as CustomRole[]).filter((role) => !absent[role]).map((role) => {
    const { description, actions, dataActions } = customRoles[role];
    // The group's own id, so that it is there before.
    const scope = group.apply(() => groupId);
    return new RoleDefinition(`role-${role}`, {
      roleDefinitionId: customRoleId(uid, role),
      scope,
      roleName: physical(`role-${role}`),
      roleType: 'CustomRole',
      description,
      assignableScopes: [scope, ...[elsewhere[role]].filter((other) => other !== undefined)],
      permissions: [{ actions: [...actions], notActions: [], dataActions: [...dataActions], notDataActions: [] }],
    }, options);
  });
}
