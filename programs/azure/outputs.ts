import type * as pulumi from '@pulumi/pulumi';
import type { InfrastructureOutputs } from '../provider.js';
import type { Context } from './context.js';
import type { ControlPlaneMachine } from './control-plane.js';
import type { Identity } from './identity.js';
import type { DiskEncryption } from './key.js';
import type { ApiEntry } from './load-balancer.js';
import type { Network } from './network.js';
import type { Storage } from './storage.js';

/** The parts that outputs are taken from. */
export interface Parts {
  readonly network: Network;
  readonly storage: Storage;
  readonly encryption: DiskEncryption;
  readonly identity: Identity;
  readonly entry: ApiEntry;
  readonly machines: readonly ControlPlaneMachine[];
  readonly pools: Record<string, pulumi.Output<string>>;
}

/** The stack's outputs: exactly those of the contract. */
export function outputs({ zones }: Context, { network, storage, encryption, identity, entry, machines, pools }: Parts): { [name in keyof InfrastructureOutputs]: pulumi.Input<unknown> } {
  return {
    apiServerAddress: entry.address,
    publicAddress: entry.publicAddress,
    zones: zones.map((zone) => zone.name),
    networkId: network.network.id,
    nodeSubnets: { 'control-plane': network.controlPlane.id, workers: network.workers.id },
    backupStore: storage.backups.id.apply(() => storage.backupsUrl),
    issuerUrl: identity.issuerUrl,
    keyId: encryption,
    controlPlane: [...machines],
    nodePools: pools,
    addonIdentities: identity.addons,
  };
}
