import { z } from 'zod';
import { settledStates, type ClusterRecord } from '../model/cluster.js';
import { ClusterwrightError } from '../model/errors.js';
import { nodesAtMost } from '../model/tenancy.js';
import { baseText, checkedClusterWithoutSpec } from './fields.js';
import type { Link } from './link.js';
import { Script } from './script.js';

const restoreScript = new Script('restore');
const restoreReply = z.tuple([z.enum(['restored', 'kept'])]);

/** Puts a cluster back. False where there is one of its name already: that one stays as it is. */
export async function restoreCluster(link: Link, cluster: ClusterRecord): Promise<boolean> {
  if (!settledStates.includes(cluster.state) || cluster.activeJob !== null || cluster.nextJob !== null || cluster.lastJob !== null) {
    throw new ClusterwrightError('internal-error', `The cluster "${cluster.name}" cannot be put back with a job, or as ${cluster.state}.`, { resource: cluster.name });
  }
  const { name, uid, slot, version, state, spec, updatedAt } = cluster;
  const [word] = restoreReply.parse(await link.call((redis) => restoreScript.run(redis, {
    name, uid, slot, version, state, updatedAt, owner: spec.owner, provider: spec.provider, nodes: nodesAtMost(spec),
  }, [baseText(checkedClusterWithoutSpec(cluster)), JSON.stringify(spec)])));
  return word === 'restored';
}
