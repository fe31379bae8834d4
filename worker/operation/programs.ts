import { grantsAt } from '../../model/access-grants.js';
import { acceptedProperties } from '../../model/drift.js';
import { provisionerKubeconfig } from '../../model/kubeconfig.js';
import type { Connection } from '../../model/cluster.js';
import { beyondSpec, platformVersion } from '../../model/rollout.js';
import type { Provider } from '../../model/spec.js';
import type { InfrastructureInput, InfrastructureOutputs, Program } from '../../programs/provider.js';
import { sparing } from '../engine/adoption.js';
import type { OperationContext } from './context.js';

/** What the programs need to know of a cluster. */
export type ClusterIdentity = Pick<OperationContext, 'spec' | 'uid' | 'slot' | 'installation' | 'account'> & Partial<Pick<OperationContext, 'rollout'>>;

/** What one run of the infrastructure program does beside. */
export type InfrastructureRun = Pick<InfrastructureInput, 'leaving' | 'renewsPools'>;

/** Loads the programs of a cloud. They take the better part of a second, so an operation begins with it and goes on meanwhile. */
export function loadPrograms(provider: Provider): void {
  void Promise.all([provider === 'aws' ? import('../../programs/aws/index.js') : import('../../programs/azure/index.js'), import('../../programs/platform/index.js')]).catch(() => undefined);
}

/**
 * The infrastructure program of a cluster, without a say in what the spec accepts of its drift. `retainBackups`: whether a deletion keeps the backups and the keys to them. `more`: what this one run of it does
 * beside.
 */
export async function infrastructureProgram(cluster: ClusterIdentity, retainBackups: boolean, more: InfrastructureRun = {}): Promise<Program> {
  return sparing(await wholeInfrastructureProgram(cluster, retainBackups, more), acceptedProperties(cluster.spec.drift?.accepted));
}

/** The same with a say in everything: what a check for drift compares with. */
export async function wholeInfrastructureProgram({ spec, uid, slot, installation, account, rollout }: ClusterIdentity, retainBackups: boolean, more: InfrastructureRun = {}): Promise<Program> {
  const input = { spec, uid, slot, installation, retainBackups, rollout: beyondSpec(spec, rollout), ...more };
  switch (account.provider) {
    case 'aws':
      return (await import('../../programs/aws/index.js')).infrastructure({ ...input, account });
    case 'azure':
      return (await import('../../programs/azure/index.js')).infrastructure({ ...input, account });
  }
}

/** The platform program of a cluster, on what its infrastructure came to, with the temporary access that holds now. `nodesJoined`: what needs nodes to run on waits for it; absent: they are there. */
export async function platformProgram(context: ClusterIdentity, infrastructure: InfrastructureOutputs, connection: Connection, nodesJoined?: Promise<void>): Promise<Program> {
  const { uid, slot, installation, account, rollout } = context;
  const spec = { ...context.spec, kubernetesVersion: platformVersion(context.spec, rollout) };
  const { platform } = await import('../../programs/platform/index.js');
  return platform({ spec, uid, slot, installation, account, infrastructure, grants: grantsAt(spec, new Date()), kubeconfig: JSON.stringify(provisionerKubeconfig(spec, uid, connection, account)) }, nodesJoined);
}
