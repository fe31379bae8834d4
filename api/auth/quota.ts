import type { ClusterSpec } from '../../model/spec.js';
import { beyondQuota, quotaFaults, quotaOf, quotaOfChange } from '../../model/tenancy.js';
import type { Bounds } from '../../store/contract.js';
import type { Context } from '../context.js';

/**
 * What the owner of a spec may come to, for the store to hold when it writes. Throws `owner-quota-exceeded` with everything in which the spec goes beyond the quota
 * now. @param before the spec that is changed
 */
export async function boundsFor({ store, tenancy }: Pick<Context, 'store' | 'tenancy'>, spec: ClusterSpec, before?: ClusterSpec): Promise<Bounds | undefined> {
  const whole = quotaOf(tenancy, spec.owner);
  if (whole === undefined) return undefined;
  const quota = before?.owner === spec.owner ? quotaOfChange(whole, before, spec) : whole;
  const faults = quotaFaults(spec, quota, await store.usage(spec.owner, spec.name));
  if (faults.length > 0) throw beyondQuota(faults);
  return { clusters: quota.clusters, nodes: quota.nodes };
}
