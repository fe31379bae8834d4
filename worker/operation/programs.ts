import { provisionerKubeconfig, type CredentialSource } from '../../model/kubeconfig.js';
import type { Connection } from '../../model/cluster.js';
import type { Provider } from '../../model/spec.js';
import type { InfrastructureInput, InfrastructureOutputs, Program } from '../../programs/provider.js';
import type { OperationContext } from './context.js';

/** What the programs need to know of a cluster. */
export type ClusterIdentity = Pick<OperationContext, 'spec' | 'uid' | 'slot' | 'installation' | 'account'>;

/** Loads the programs. They take the better part of a second, so an operation begins with it and goes on meanwhile. */
export function loadPrograms(): void {
  void Promise.all([import('../../programs/aws/index.js'), import('../../programs/platform/index.js')]).catch(() => undefined);
}

/** The infrastructure program of a cluster. `retainBackups`: whether a deletion keeps the backups' bucket and key. */
export function infrastructureProgram({ spec, uid, slot, installation, account }: ClusterIdentity, retainBackups: boolean): Promise<Program> {
  return infrastructurePrograms[spec.provider]({ spec, uid, slot, installation, account, retainBackups });
}

const infrastructurePrograms: Readonly<Record<Provider, (input: InfrastructureInput) => Promise<Program>>> = {
  aws: async (input) => (await import('../../programs/aws/index.js')).infrastructure(input),
};

/** The platform program of a cluster, on what its infrastructure came to. */
export async function platformProgram(context: ClusterIdentity, infrastructure: InfrastructureOutputs, connection: Connection): Promise<Program> {
  const { spec, uid, slot, installation } = context;
  const { platform } = await import('../../programs/platform/index.js');
  return platform({ spec, uid, slot, installation, infrastructure, kubeconfig: JSON.stringify(provisionerKubeconfig(spec, uid, connection, credentialSource(context))) });
}

/** How the provisioner's certificate is read, also by the provider's exec plugin. */
export function credentialSource({ spec, account }: Pick<OperationContext, 'spec' | 'account'>): CredentialSource {
  return { region: spec.region, roleArn: account.roleArn, externalId: account.externalId };
}
