import type { Cloud } from '../cloud/index.js';
import { KubernetesClient, KubernetesError } from '../kubernetes/client.js';
import type { OperationContext } from './context.js';
import { filled } from './sink.js';

/** What of an operation a look at its cluster needs. */
export type ClusterLook = Pick<OperationContext, 'connection' | 'spec'> & { readonly cloud: Pick<Cloud, 'secrets'> };

/**
 * One look at the cluster with the provisioner's certificate of this moment. Undefined when the API server did not answer: a load balancer that
 * moves from one control-plane node to the next is no failure of the phase.
 */
export async function lookAtCluster<T>(context: ClusterLook, look: (client: KubernetesClient) => Promise<T>): Promise<T | undefined> {
  const connection = filled(context.connection, 'the connection');
  const { provisioner } = await context.cloud.secrets();
  if (provisioner === undefined) return undefined;
  const client = new KubernetesClient(context.spec, connection, provisioner);
  try {
    return await look(client);
  } catch (error) {
    if (error instanceof KubernetesError) return undefined;
    throw error;
  } finally {
    client.close();
  }
}
