import type { ClusterSpec } from '../../../model/spec.js';
import { subnetLayout } from '../../../programs/azure/subnet-layout.js';
import { inputsOf, type Declared } from '../../unit/programs/azure/declared.js';
import { azureSandboxAccount } from '../../support/infrastructure-input.js';
import { at, list, text, type Facts } from './parity-facts.js';

/** What a cluster is on Azure, in the words of both clouds. */
export function azureFacts(declared: readonly Declared[], spec: ClusterSpec): Facts {
  const of = (type: string) => inputsOf(declared, `azure-native:${type}`);
  return { ...machines(of), ...ports(of, spec), ...identities(of), ...encryption(of), ...stores(of), ...ways(of) };
}

type Of = (type: string) => ReturnType<typeof inputsOf>;

function machines(of: Of): Facts {
  const sets = of('compute:VirtualMachineScaleSet');
  const all = [...Object.values(of('compute:VirtualMachine')), ...Object.values(sets).map((set) => at(set, 'virtualMachineProfile'))];
  return {
    ...Object.fromEntries(Object.entries(of('compute:VirtualMachine')).map(([name, inputs]) => {
      const address = at(of('network:NetworkInterface')[name], 'ipConfigurations', '0', 'privateIPAllocationMethod') === 'Static' ? 'fixed address' : 'any address';
      const etcd = text(at(of('compute:Disk')[`${name}-etcd`], 'diskSizeGB'));
      return [`machine ${name}`, `zone ${list(at(inputs, 'zones')).join(' ')}, ${address}, system disk of ${text(at(inputs, 'storageProfile', 'osDisk', 'diskSizeGB'))} GiB, etcd disk of ${etcd} GiB`];
    })),
    ...Object.fromEntries(Object.entries(sets).map(([name, inputs]) => {
      const bounds = `${text(at(inputs, 'tags', 'min'))} to ${text(at(inputs, 'tags', 'max'))}`;
      const disk = text(at(inputs, 'virtualMachineProfile', 'storageProfile', 'osDisk', 'diskSizeGB'));
      return [name, `zones ${list(at(inputs, 'zones')).join(' ')}, starts with ${text(at(inputs, 'sku', 'capacity'))} machines of ${bounds}, system disk of ${disk} GiB`];
    })),
    'image of new machines in a pool': Object.values(sets).every((set) => at(set, 'virtualMachineProfile', 'storageProfile', 'imageReference', 'version') === 'latest') ? 'the newest' : 'unknown',
    'boot': all.every((machine) => at(machine, 'securityProfile', 'securityType') === 'TrustedLaunch') ? 'measured (Trusted Launch)' : 'unknown',
    'encryption at the host': all.every((machine) => at(machine, 'securityProfile', 'encryptionAtHost') === true) ? 'on' : 'off',
  };
}

function ports(of: Of, { network }: ClusterSpec): Facts {
  const { controlPlane, workers, endpoints } = subnetLayout(network.cidr);
  const peers: Readonly<Record<string, string>> = {
    [controlPlane]: 'control-plane', [workers]: 'workers', [endpoints]: 'endpoints', [network.cidr]: 'the whole network', AzureLoadBalancer: 'health checks', Internet: 'the internet',
    [azureSandboxAccount.reach.type === 'peering' ? azureSandboxAccount.reach.cidr : '']: 'the worker',
  };
  const open = Object.values(of('network:SecurityRule')).filter((rule) => at(rule, 'access') === 'Allow').flatMap((rule) => {
    const inwards = at(rule, 'direction') === 'Inbound';
    const own = /security-group-(.+)$/.exec(text(at(rule, 'networkSecurityGroupName')))?.[1] ?? '';
    const side = inwards ? 'source' : 'destination';
    const others = [at(rule, `${side}AddressPrefix`), ...list(at(rule, `${side}AddressPrefixes`))].filter((prefix) => prefix !== undefined).map((prefix) => peers[text(prefix)] ?? text(prefix));
    const protocol = text(at(rule, 'protocol')).toLowerCase();
    const port = protocol === 'icmp' ? protocol : `${protocol} ${text(at(rule, 'destinationPortRange'))}`;
    return others.filter((other) => inwards || other === 'the internet').map((other) => `${own} ${inwards ? 'from' : 'to'} ${other}, ${port}`);
  });
  return Object.fromEntries(open.map((line) => [`port: ${line}`, 'open']));
}

function identities(of: Of): Facts {
  const credentials = of('managedidentity:FederatedIdentityCredential');
  const assigned = Object.values(of('authorization:RoleAssignment')).some((assignment) => at(assignment, 'principalId') === 'service-principal');
  return {
    ...Object.fromEntries(Object.keys(of('managedidentity:UserAssignedIdentity')).map((name) => [`identity ${name}`, credentials[name] ? text(at(credentials[name], 'subject')) : 'machines'])),
    ...(assigned ? { 'identity service': 'reads what is published for it' } : {}),
  };
}

function encryption(of: Of): Facts {
  const withKey = (set: unknown): string => (set === 'key-id' ? 'the cluster\'s key' : 'the cloud\'s key');
  const account = (name: string): string => (at(of('storage:StorageAccount')[name], 'encryption', 'keySource') === 'Microsoft.Storage' ? 'the cloud\'s key, twice' : 'the cluster\'s key');
  const [machine] = Object.values(of('compute:VirtualMachine'));
  const [set] = Object.values(of('compute:VirtualMachineScaleSet'));
  const [disk] = Object.values(of('compute:Disk'));
  return {
    'encryption of the control planes\' system disks': withKey(at(machine, 'storageProfile', 'osDisk', 'managedDisk', 'diskEncryptionSet', 'id')),
    'encryption of the workers\' system disks': withKey(at(set, 'virtualMachineProfile', 'storageProfile', 'osDisk', 'managedDisk', 'diskEncryptionSet', 'id')),
    'encryption of etcd\'s disks': withKey(at(disk, 'encryption', 'diskEncryptionSetId')),
    'encryption of backups': account('backups'),
    'encryption of flow logs': account('flow-logs'),
    'key renewed': at(of('keyvault:Key')['key'], 'properties', 'rotationPolicy', 'lifetimeActions', '0', 'trigger', 'timeAfterCreate') === 'P365D' ? 'every year' : 'never',
  };
}

function stores(of: Of): Facts {
  const rules = list(at(of('storage:ManagementPolicy')['backups'], 'policy', 'rules'));
  const days = (name: string): string => {
    const actions = at(rules.find((rule) => at(rule, 'name') === name), 'definition', 'actions');
    return `${text(at(actions, 'version', 'delete', 'daysAfterCreationGreaterThan') ?? at(actions, 'baseBlob', 'delete', 'daysAfterModificationGreaterThan'))} days`;
  };
  const isPublic = (container: string): string => {
    const access = text(at(of('storage:BlobContainer')[container], 'publicAccess'));
    return { None: 'nobody without rights', Blob: 'anybody, without listing' }[access] ?? access;
  };
  const backups = of('storage:StorageAccount')['backups'];
  const log = of('network:FlowLog')['flow-logs'];
  return {
    'backups: old versions': at(of('storage:BlobServiceProperties')['backups'], 'isVersioningEnabled') === true ? days('old-versions') : 'none',
    'backups: snapshots of etcd': days('snapshots'),
    'backups: logs': days('logs'),
    'backups: who reads': isPublic('backups'),
    'backups: from where': at(backups, 'networkRuleSet', 'defaultAction') === 'Deny' ? 'the cluster\'s subnets, the worker' : 'anywhere',
    'issuer\'s documents: who reads': isPublic('issuer'),
    'flow logs': `${at(log, 'enabled') === true ? 'all traffic' : 'none'}, ${text(at(log, 'retentionPolicy', 'days'))} days`,
  };
}

function ways(of: Of): Facts {
  const vaults = of('keyvault:Vault');
  const closed = (['control-plane', 'join'] as const).every((set) => at(vaults[`vault-${set}`], 'properties', 'publicNetworkAccess') === 'Disabled' && of('network:PrivateEndpoint')[`endpoint-vault-${set}`] !== undefined);
  const firewall = at(vaults['vault-provisioner'], 'properties', 'networkAcls', 'defaultAction') === 'Deny';
  const nodeSubnets = ['subnet-control-plane', 'subnet-workers'].map((name) => list(at(of('network:Subnet')[name], 'serviceEndpoints')).map((endpoint) => at(endpoint, 'service')));
  const balancers = Object.entries(of('network:LoadBalancer'));
  const api = of('network:LoadBalancer')['api'];
  const probe = at(api, 'probes', '0');
  return {
    'NAT gateways': String(Object.keys(of('network:NatGateway')).length),
    'subnets': Object.keys(of('network:Subnet')).map((name) => name.replace('subnet-', '')).sort().join(', '),
    'endpoint for the nodes\' secrets': closed ? 'private' : 'public',
    'endpoint for the provisioner\'s secrets': firewall ? 'public, behind a firewall' : 'public',
    'endpoint for object storage': nodeSubnets.every((services) => services.includes('Microsoft.Storage')) ? 'within the cloud\'s network' : 'public',
    'API load balancers': balancers.map(([name, inputs]) => `${name} (${at(inputs, 'frontendIPConfigurations', '0', 'subnet') === undefined ? 'public' : 'internal'})`).join(', '),
    'API health check': `${text(at(probe, 'protocol')).toLowerCase()} ${text(at(probe, 'requestPath'))} on ${text(at(probe, 'port'))}`,
    'API load balancer\'s address': at(api, 'frontendIPConfigurations', '0', 'privateIPAllocationMethod') === 'Dynamic' ? 'chosen by the cloud' : 'fixed',
    'API name': `${text(at(of('privatedns:PrivateRecordSet')['api'], 'relativeRecordSetName'))}.${text(at(of('privatedns:PrivateZone')['zone'], 'privateZoneName'))}`,
    'peering with the worker': `${Object.keys(of('network:VirtualNetworkPeering')).length} halves, between the whole networks`,
  };
}
