import { accountOf } from '../../model/accounts.js';
import type { ClusterRecord } from '../../model/cluster.js';
import { ClusterwrightError, isClusterwrightError } from '../../model/errors.js';
import { stackKinds, stackName } from '../../model/names.js';
import type { Settings } from '../../model/settings.js';
import type { StackRecord } from '../../programs/record.js';
import type { Store } from '../../store/index.js';
import { openCloud } from '../../worker/cloud/index.js';
import { claimRedis } from '../../worker/installation.js';
import type { BackendSession } from '../backend-session.js';
import { findStack } from './finding.js';
import { clustersOf, isEmpty, recordOf, restoredCluster, type ClusterFinding } from './restored-cluster.js';

/** What became of one cluster. */
export type Outcome = { readonly name: string } & (
  | { readonly what: 'restored' | 'kept'; readonly cluster: ClusterRecord; readonly reason: string | null }
  /** Its stacks hold nothing, are gone since they were listed, or never were there. */
  | { readonly what: 'nothing-there' }
  | { readonly what: 'unreadable'; readonly error: string }
);

/** Clusters at once: each takes four calls of the engine, which are processes of their own. */
const atOnce = 4;

/**
 * Brings back the records of the backend's clusters into a Redis that has lost them; of `only`, where names are given. What Redis has is kept as it is, so it may
 * be repeated at any time. Throws `installation-mismatch` for a Redis of another installation, before anything is written.
 */
export async function rebuild(session: BackendSession, store: Store, settings: Pick<Settings, 'backendUrl' | 'cloud'>, only: readonly string[]): Promise<Outcome[]> {
  await claimRedis(store, session.installation);
  const names = only.length > 0 ? only : clustersOf(await session.stackNames());
  const waiting = [...new Set(names)].sort().entries();
  const outcomes: Outcome[] = [];
  await Promise.all(Array.from({ length: atOnce }, async () => {
    for (const [index, name] of waiting) {
      if (session.signal.aborted) throw new ClusterwrightError('cancelled', 'Interrupted: some clusters were not looked at.', { hint: 'Run "npm run rebuild" again: what is there is kept.' });
      outcomes[index] = await rebuildCluster(name, session, store, settings);
    }
  }));
  return outcomes;
}

async function rebuildCluster(name: string, session: BackendSession, store: Store, { backendUrl, cloud }: Pick<Settings, 'backendUrl' | 'cloud'>): Promise<Outcome> {
  try {
    // Before the stacks are read: a cluster that is being deleted loses its stacks before its record, and must not come back.
    const kept = await store.getCluster(name);
    if (kept) return { name, what: 'kept', cluster: kept, reason: null };
    const [infrastructure, platform] = await Promise.all(stackKinds.map((kind) => findStack(session.stack(stackName(name, kind)), backendUrl)));
    const finding = { infrastructure, platform };
    if (isEmpty(finding)) return { name, what: 'nothing-there' };
    const record = ownRecord(name, finding, session);
    const certificateAuthority = (await publishedAuthority(session, record, platform?.certificateAuthority)) ?? platform?.certificateAuthority;
    const { cluster, reason } = restoredCluster(finding, record, { simulated: cloud === 'sandbox', certificateAuthority, now: new Date() });
    if (await store.restoreCluster(cluster)) return { name, what: 'restored', cluster, reason };
    return { name, what: 'kept', cluster: (await store.getCluster(name)) ?? cluster, reason: null };
  } catch (error) {
    // Without Redis there is no next cluster either.
    if (!isClusterwrightError(error) || error.code === 'store-unavailable') throw error;
    return { name, what: 'unreadable', error: `${error.code}: ${error.message}` };
  }
}

function ownRecord(name: string, finding: ClusterFinding, { installation }: BackendSession): StackRecord {
  const record = recordOf(finding);
  if (record === undefined) throw new ClusterwrightError('engine-failed', 'The stacks have resources, and no record of their cluster that this version can read.', { resource: name });
  if (record.installation !== installation.id) throw new ClusterwrightError('installation-mismatch', `The stacks belong to the installation ${record.installation}.`, { resource: name });
  if (record.spec.name !== name) throw new ClusterwrightError('engine-failed', `The stacks have the record of "${record.spec.name}".`, { resource: name });
  return record;
}

/** The CA that the nodes have published. The state of the platform has the one that was trusted when it was last brought up. */
async function publishedAuthority({ accounts }: BackendSession, { spec, uid }: StackRecord, known: string | undefined): Promise<string | undefined> {
  try {
    const cloud = await openCloud({ name: spec.name, uid, region: spec.region }, accountOf(accounts, spec));
    return (await cloud.secrets()).certificateAuthority;
  } catch (error) {
    // A cloud that cannot be asked now keeps no cluster from coming back that is known well enough: a repair asks again.
    if (known === undefined) throw error;
    return undefined;
  }
}
