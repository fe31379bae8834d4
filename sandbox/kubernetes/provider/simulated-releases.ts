import { stringify } from 'yaml';
import { PartialCreation, type CreateCall, type PropertyMap, type UpdateCall } from '../../protocol/index.js';
import type { ApiClient } from './api-client.js';
import { notReadyBecause } from './readiness.js';
import { chartName, idOf, mergedValues, type ReleaseInputs } from './release-inputs.js';
import { releaseObjects } from './release-objects.js';
import { installedOutputs } from './release-outputs.js';
import { deleteRecord, writeRecord, type ReleaseRecord, type ReleaseState } from './release-record.js';
import { waitUntil } from './waiting.js';

const manager = 'helm';

/** Installs or upgrades a release on a simulated API server: writes the pending revision, applies the workload, waits for it and settles the revisions. An interrupted one stays pending, as Helm leaves it. */
export async function deploySimulated(client: ApiClient, release: ReleaseInputs, known: readonly ReleaseRecord[], inputs: PropertyMap, call: CreateCall | UpdateCall): Promise<ReleaseRecord> {
  const chart = chartName(release.chart);
  const previous = known.at(-1);
  const now = new Date().toISOString();
  const pending: ReleaseRecord = {
    name: release.name, namespace: release.namespace, version: (previous?.version ?? 0) + 1,
    info: { first_deployed: known[0]?.info.first_deployed ?? now, last_deployed: now, deleted: '', description: previous === undefined ? 'Initial install underway' : 'Preparing upgrade', status: previous === undefined ? 'pending-install' : 'pending-upgrade' },
    chart: { metadata: { apiVersion: 'v2', name: chart, version: release.version, annotations: { 'clusterwright.io/simulated': 'true' } } },
    config: mergedValues(release),
    manifest: '',
  };
  const objects = objectsOf(pending);
  pending.manifest = `# Simulated: the workload stands for the chart's own.\n${objects.map((object) => `---\n${stringify(object)}`).join('')}`;
  await writeRecord(client, pending);
  try {
    for (const object of objects) await client.apply(object, manager, true, call.signal);
    for (const object of release.skipAwait ? [] : objects) {
      await waitUntil(async () => notReadyBecause(await client.get(object, object.metadata.namespace, object.metadata.name, call.signal)), (call.timeoutSeconds || release.timeout) * 1000, call.signal);
    }
  } catch (error) {
    // A cancelled or killed Helm leaves its revision pending.
    if (call.signal.aborted) throw error;
    const reason = error instanceof Error ? error.message : String(error);
    if (release.atomic) {
      await undo(client, pending, previous);
      throw new Error(`Helm release ${JSON.stringify(idOf(release))} failed and was ${previous === undefined ? 'uninstalled' : 'rolled back'}, as atomic demands: ${reason}`);
    }
    const failed = settled(pending, 'failed', `Release ${JSON.stringify(release.name)} failed: ${reason}`);
    await writeRecord(client, failed);
    throw new PartialCreation(idOf(release), installedOutputs(inputs, failed), inputs, `Helm release ${JSON.stringify(idOf(release))} was created, but failed to become ready: ${reason}`);
  }
  for (const record of known.filter(({ info }) => info.status === 'deployed')) await writeRecord(client, settled(record, 'superseded', record.info.description));
  for (const record of known.slice(0, Math.max(0, known.length + 1 - release.maxHistory))) await deleteRecord(client, record);
  const deployed = settled(pending, 'deployed', release.description ?? (previous === undefined ? 'Install complete' : 'Upgrade complete'));
  await writeRecord(client, deployed);
  return deployed;
}

/** Uninstalls a release from a simulated API server: its workload and all its revisions. */
export async function uninstallSimulated(client: ApiClient, known: readonly ReleaseRecord[], last: ReleaseRecord): Promise<void> {
  await writeRecord(client, settled(last, 'uninstalling', 'Deletion in progress (or silently failed)'));
  for (const object of objectsOf(last)) await client.remove(object);
  for (const record of known) await deleteRecord(client, record);
}

/** What `atomic` does after a failure: an install is removed, an upgrade goes back to the revision before, as a revision of its own. */
async function undo(client: ApiClient, failed: ReleaseRecord, previous: ReleaseRecord | undefined): Promise<void> {
  if (previous === undefined) {
    for (const object of objectsOf(failed)) await client.remove(object);
    await deleteRecord(client, failed);
    return;
  }
  for (const object of objectsOf(previous)) await client.apply(object, manager, true);
  await writeRecord(client, settled(failed, 'failed', 'Upgrade failed'));
  await writeRecord(client, settled(previous, 'superseded', previous.info.description));
  await writeRecord(client, { ...settled(previous, 'deployed', `Rollback to ${previous.version}`), version: failed.version + 1 });
}

/** What a revision has put into the cluster. */
function objectsOf({ name, namespace, chart, config }: ReleaseRecord): ReturnType<typeof releaseObjects> {
  return releaseObjects({ name, namespace, chart: chart.metadata.name, version: chart.metadata.version, values: config });
}

function settled(record: ReleaseRecord, status: ReleaseState, description: string): ReleaseRecord {
  return { ...record, info: { ...record.info, status, description } };
}
