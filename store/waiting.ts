import { z } from 'zod';
import { stateDuring, type ClusterRecord } from '../model/cluster.js';
import { cancelledUnbegun, type JobError, type JobRecord } from '../model/job.js';
import type { ClusterSpec } from '../model/spec.js';
import { liveText } from './fields.js';
import { key } from './keys.js';
import type { Link } from './link.js';
import { Script } from './script.js';

const windowOpenScript = new Script('window-open');
const reply = z.tuple([z.enum(['begun', 'ended', 'overtaken'])]);

/** What is to become of a job that has waited for a maintenance window: it begins, working towards a spec, or ends because the cluster it was asked for is another by now. */
export type WindowOpen = { readonly spec: ClusterSpec } | { readonly error: JobError };

/** The jobs that wait for a maintenance window, by the names of their clusters. */
export async function waitingJobs(link: Link): Promise<ReadonlyMap<string, string>> {
  return new Map(Object.entries(await link.call((redis) => redis.hgetall(key('waiting')))));
}

/** Begins or ends a job that has waited, of a cluster as it was read. False where that has changed, or another worker was first. */
export async function windowOpen(link: Link, { id, kind, spec: { owner } }: JobRecord, cluster: ClusterRecord, next: WindowOpen, at: string): Promise<boolean> {
  const spec = 'spec' in next ? JSON.stringify(next.spec) : '';
  const changed = 'spec' in next && next.spec !== cluster.spec;
  const failed = 'error' in next ? next.error : undefined;
  const [word] = reply.parse(await link.call((redis) => windowOpenScript.run(redis, {
    job: id, kind, cluster: cluster.name, version: String(cluster.version), state: stateDuring[kind] ?? undefined, owner: { before: owner, after: cluster.spec.owner }, at, failed: failed && JSON.stringify(failed),
  }, [spec, changed ? spec : '', failed === undefined ? '' : liveText(cancelledUnbegun(kind, at, failed))])));
  return word !== 'overtaken';
}
