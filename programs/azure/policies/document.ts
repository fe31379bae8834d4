/** Roles of Azure's own that are as narrow as what is needed, by what they are called here. https://learn.microsoft.com/azure/role-based-access-control/built-in-roles */
export const builtInRoles = {
  /** Key Vault Secrets User: reads secrets. */
  'secret-reader': '4633458b-17de-408a-b874-0445c86b69e6',
  /** Key Vault Crypto Service Encryption User: wraps and unwraps with a key. */
  'key-user': 'e147488a-f6f5-4113-8e2d-b22465e65bf6',
  /** Storage Blob Data Reader: reads and lists blobs. */
  'object-reader': '2a2b9908-6ea1-4ae2-8e65-a410df84e7d1',
} as const;
export type BuiltInRole = keyof typeof builtInRoles;

/** What a custom role allows, always spelled out. */
export interface Permissions {
  /** Which component needs it. */
  readonly description: string;
  /** Of the management plane. */
  readonly actions: readonly string[];
  /** Of vaults and containers themselves. */
  readonly dataActions: readonly string[];
}

const blobs = 'Microsoft.Storage/storageAccounts/blobServices/containers/blobs';

/** The custom roles, where Azure's own allow more than is needed. Each is a definition in the cluster's resource group, and of no use outside it, but for those of DNS zones and of the owner's key. */
export const customRoles = {
  'secret-publisher': {
    description: 'Control planes: read and renew the secrets of the rendezvous',
    actions: [],
    dataActions: ['Microsoft.KeyVault/vaults/secrets/getSecret/action', 'Microsoft.KeyVault/vaults/secrets/setSecret/action'],
  },
  'object-writer': {
    description: 'Nodes: write their steps; the service: order control planes, copy backups of another cluster; control planes: publish the documents of the service-account issuer',
    actions: [],
    dataActions: [`${blobs}/write`],
  },
  'object-user': {
    description: 'Control planes: claims and steps of the rendezvous, snapshots of etcd',
    actions: [],
    dataActions: [`${blobs}/read`, `${blobs}/write`],
  },
  'object-keeper': {
    // Loki and Tempo look at the container when they start.
    description: 'Velero, Loki and Tempo: write, read and drop what is theirs',
    actions: ['Microsoft.Storage/storageAccounts/blobServices/containers/read'],
    dataActions: [`${blobs}/read`, `${blobs}/write`, `${blobs}/delete`],
  },
  'service-balancer': {
    // Backends are members by address (nodeIP), so that no machine has to be written. https://cloud-provider-azure.sigs.k8s.io/topics/azure-permissions/
    description: 'Cloud controller manager: load balancers of services, their addresses and security rules',
    actions: [
      'Microsoft.Compute/virtualMachines/read', 'Microsoft.Compute/virtualMachines/instanceView/read',
      'Microsoft.Compute/virtualMachineScaleSets/read', 'Microsoft.Compute/virtualMachineScaleSets/instanceView/read',
      'Microsoft.Compute/virtualMachineScaleSets/virtualMachines/read', 'Microsoft.Compute/virtualMachineScaleSets/virtualMachines/instanceView/read',
      'Microsoft.Compute/virtualMachineScaleSets/virtualMachines/networkInterfaces/read',
      'Microsoft.Network/loadBalancers/read', 'Microsoft.Network/loadBalancers/write', 'Microsoft.Network/loadBalancers/delete',
      'Microsoft.Network/loadBalancers/backendAddressPools/read', 'Microsoft.Network/loadBalancers/backendAddressPools/write',
      'Microsoft.Network/loadBalancers/backendAddressPools/delete', 'Microsoft.Network/loadBalancers/backendAddressPools/join/action',
      'Microsoft.Network/networkInterfaces/read',
      'Microsoft.Network/networkSecurityGroups/read', 'Microsoft.Network/networkSecurityGroups/write',
      'Microsoft.Network/publicIPAddresses/read', 'Microsoft.Network/publicIPAddresses/write', 'Microsoft.Network/publicIPAddresses/delete',
      'Microsoft.Network/publicIPAddresses/join/action',
      'Microsoft.Network/virtualNetworks/read', 'Microsoft.Network/virtualNetworks/joinLoadBalancer/action',
      'Microsoft.Network/virtualNetworks/subnets/read', 'Microsoft.Network/virtualNetworks/subnets/join/action',
    ],
    dataActions: [],
  },
  'disk-keeper': {
    description: 'Storage driver: disks of claims, and their snapshots',
    actions: [
      'Microsoft.Compute/diskEncryptionSets/read', 'Microsoft.Compute/disks/read', 'Microsoft.Compute/disks/write', 'Microsoft.Compute/disks/delete',
      'Microsoft.Compute/snapshots/read', 'Microsoft.Compute/snapshots/write', 'Microsoft.Compute/snapshots/delete',
      'Microsoft.Compute/virtualMachines/read', 'Microsoft.Compute/virtualMachineScaleSets/read', 'Microsoft.Compute/virtualMachineScaleSets/virtualMachines/read',
      'Microsoft.Resources/subscriptions/resourceGroups/read',
    ],
    dataActions: [],
  },
  'disk-attacher': {
    description: 'Storage driver: attach disks to the machines of a pool, and detach them',
    actions: ['Microsoft.Compute/virtualMachineScaleSets/virtualMachines/read', 'Microsoft.Compute/virtualMachineScaleSets/virtualMachines/write'],
    dataActions: [],
  },
  'pool-reader': {
    // It lists single machines too, as some of AKS' pools have them.
    description: 'Cluster autoscaler: which pools and machines there are',
    actions: [
      'Microsoft.Compute/virtualMachines/read', 'Microsoft.Compute/virtualMachineScaleSets/read', 'Microsoft.Compute/virtualMachineScaleSets/virtualMachines/read',
      'Microsoft.Compute/virtualMachineScaleSets/virtualMachines/instanceView/read',
    ],
    dataActions: [],
  },
  'zone-lister': {
    description: 'external-dns: which DNS zones there are in the resource group of those that it writes into',
    actions: ['Microsoft.Network/dnsZones/read', 'Microsoft.Network/privateDnsZones/read'],
    dataActions: [],
  },
  'record-keeper': {
    // "DNS Zone Contributor" could take the whole zone away. What is read is all records at once.
    description: 'external-dns: records of a zone, addresses and the texts that say whose they are',
    actions: ['dnsZones', 'privateDnsZones'].flatMap((zone) => [`Microsoft.Network/${zone}/ALL/read`, ...['A', 'AAAA', 'CNAME', 'TXT'].flatMap((type) => [`Microsoft.Network/${zone}/${type}/write`, `Microsoft.Network/${zone}/${type}/delete`])]),
    dataActions: [],
  },
  'key-decrypter': {
    // "Key Vault Crypto User" could also encrypt, sign, and change the key.
    description: 'Flux: decrypt with the key that SOPS encrypts with',
    actions: [],
    dataActions: ['Microsoft.KeyVault/vaults/keys/decrypt/action'],
  },
  'pool-scaler': {
    // What it writes of a scale set is the number alone, so it needs no right to the subnet or identity that are in it: Azure asks for those that a request names.
    description: 'Cluster autoscaler: the number of machines in a pool, and ending machines of it',
    actions: ['Microsoft.Compute/virtualMachineScaleSets/write', 'Microsoft.Compute/virtualMachineScaleSets/delete/action'],
    dataActions: [],
  },
} as const satisfies Record<string, Permissions>;
export type CustomRole = keyof typeof customRoles;

/** One right of an identity: what it may do, where, and on which condition. */
export interface Grant {
  /** Short and unique within the identity; part of the assignment's name. */
  readonly name: string;
  readonly role: { readonly builtIn: BuiltInRole } | { readonly custom: CustomRole };
  /** Id of what it holds on: the cluster's resource group or something in it, or DNS zones and a key that the spec names. */
  readonly scope: string;
  readonly condition?: string;
}
