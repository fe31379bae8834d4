import type { JsonValue } from '@backstage/types';
import type { ClusterwrightClient } from '@clusterwright/client';
import type { Schema } from './schemas';

/** Outputs about a cluster that is there. */
export const clusterOutput: Readonly<Record<string, Schema>> = {
  uid: { type: 'string', title: 'Id of this creation of the cluster' },
  endpoint: { type: 'string', title: 'URL of its API server' },
  simulated: { type: 'boolean', title: 'Whether the sandbox made it' },
};

/** Reads them. */
export async function clusterOutputs(client: ClusterwrightClient, name: string): Promise<Readonly<Record<string, JsonValue>>> {
  const { uid, endpoint, simulated } = await client.cluster(name);
  return { uid, endpoint, simulated };
}
