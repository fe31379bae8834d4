import { ClusterwrightError } from '../../../model/errors.js';
import type { JobRecord } from '../../../model/job.js';
import type { Cloud } from '../../cloud/index.js';
import type { OperationContext } from '../context.js';
import type { OperationOptions } from '../options.js';
import type { StartMessage } from '../protocol.js';

/**
 * The other cluster whose backup a job brings back, and the account that it is in; null for any other job. Who asked had the right to it as an operator of the owner: it has to be that owner's still.
 * Throws `backup-unusable`, and `account-unknown`.
 */
export async function sourceOf({ spec: { owner }, intent: { request } }: JobRecord, { store, account }: Pick<OperationOptions, 'account'> & { readonly store: Pick<OperationOptions['store'], 'getCluster'> }): Promise<StartMessage['source']> {
  if ((request?.kind !== 'restore-objects' && request?.kind !== 'cluster-drill') || request.source === null) return null;
  const { name, uid } = request.source;
  const found = await store.getCluster(name);
  if (found?.uid !== uid || found.spec.owner !== owner) {
    // A drill has a cluster of its own to take away, whatever has become of the other.
    if (request.kind === 'cluster-drill') return null;
    throw sourceGone(name);
  }
  return { cluster: { name, uid, region: found.spec.region }, account: account(found.spec) };
}

/** The other cluster's cloud. Throws `backup-unusable` where that cluster is not what it was when the job was asked for. */
export function sourceCloud({ source }: Pick<OperationContext, 'source'>, { name }: { readonly name: string }): Cloud {
  if (source === undefined) throw sourceGone(name);
  return source;
}

function sourceGone(name: string): ClusterwrightError {
  return new ClusterwrightError('backup-unusable', `The cluster "${name}" is not there any more, or has another owner.`, { resource: name });
}
