import type { Account } from '../model/accounts.js';
import type { ClusterRecord, Connection } from '../model/cluster.js';
import type { ClusterSpec } from '../model/spec.js';
import { openCloud, type Cloud } from './cloud/index.js';
import { KubernetesClient } from './kubernetes/client.js';

/** A cluster as one look and its reports have it: with its cloud, which is asked once for the way into its Kubernetes. */
export interface ClusterView {
  readonly spec: ClusterSpec;
  readonly connection: Connection | undefined;
  readonly cloud: Cloud;
}

/** Opens the view of a cluster. */
export async function viewOf({ name, uid, spec, connection }: ClusterRecord, account: Account): Promise<ClusterView> {
  const cloud = await openCloud({ name, uid, region: spec.region }, account);
  return { spec, connection: connection ?? undefined, cloud: Object.assign(cloud, { secrets: once(cloud.secrets.bind(cloud)) }) };
}

/** A look into a cluster's Kubernetes. Throws where there is no way in. */
export async function inCluster<T>({ spec, connection, cloud }: ClusterView, look: (client: KubernetesClient) => Promise<T>): Promise<T> {
  if (connection === undefined) throw new Error('the cluster has no API server');
  const { provisioner } = await cloud.secrets();
  if (provisioner === undefined) throw new Error('the control plane publishes no certificate for the provisioner');
  const client = new KubernetesClient(spec, connection, provisioner);
  try {
    return await look(client);
  } finally {
    client.close();
  }
}

/** Asks with the first call; every call has its answer, or its error. */
export function once<T>(ask: () => Promise<T>): () => Promise<T> {
  let answer: Promise<T> | undefined;
  return () => (answer ??= ask());
}
