import { stringify } from 'yaml';
import { simulatedMarker } from '../api-server/discovery.js';
import { isDeepStrictEqual } from 'node:util';
import { PartialCreation, UNKNOWN, type CreateCall, type CreateResult, type DeleteCall, type PropertyMap, type ReadCall, type ReadResult, type UpdateCall, type UpdateResult } from '../../protocol/index.js';
import { stringAt, type KubeObject } from '../json.js';
import { isNotFound, type ApiClient } from './api-client.js';
import { requireClient } from './objects.js';
import { notReadyBecause } from './readiness.js';
import { chartName, mergedValues, readRelease, type ReleaseInputs } from './release-inputs.js';
import { deleteRecord, revisions, writeRecord, type ReleaseRecord, type ReleaseState } from './release-record.js';
import { releaseObjects } from './release-objects.js';
import type { Settings } from './settings.js';
import { waitUntil } from './waiting.js';

const manager = 'helm';

/** Installs a release. An interrupted one stays `pending-install`, as Helm leaves it. */
export async function createRelease(settings: Settings, call: CreateCall): Promise<CreateResult> {
  if (call.preview) return { id: '', outputs: { ...call.inputs, status: UNKNOWN } };
  const client = requireClient(settings);
  const release = readRelease(call.inputs);
  await requireHelm(client);
  await prepareNamespace(client, release);
  const last = (await revisions(client, release.namespace, release.name, call.signal)).at(-1);
  if (last !== undefined) throw new Error(`release ${release.namespace}/${release.name}: ${last.info.status.startsWith('pending') ? pendingMessage : 'cannot re-use a name that is still in use'}`);
  const record = await deploy(client, release, [], call.inputs, call);
  return { id: idOf(release), outputs: outputsOf(call.inputs, record) };
}

/** Upgrades a release to a new revision. */
export async function updateRelease(settings: Settings, call: UpdateCall): Promise<UpdateResult> {
  if (call.preview) return { outputs: { ...call.news, status: UNKNOWN } };
  const client = requireClient(settings);
  const release = readRelease(call.news);
  await requireHelm(client);
  const known = await revisions(client, release.namespace, release.name, call.signal);
  const last = known.at(-1);
  if (last === undefined) throw new Error(`release ${idOf(release)}: "${release.name}" has no deployed releases`);
  if (last.info.status.startsWith('pending')) throw new Error(`release ${idOf(release)}: ${pendingMessage}`);
  const record = await deploy(client, release, known, call.news, call);
  return { outputs: outputsOf(call.news, record) };
}

/** Reads a release; undefined when there is none. */
export async function refreshRelease(settings: Settings, call: ReadCall): Promise<ReadResult | undefined> {
  const client = requireClient(settings);
  const [namespace = '', name = ''] = call.id.split('/');
  const record = (await revisions(client, namespace, name, call.signal)).at(-1);
  if (record === undefined) return undefined;
  const given: PropertyMap = Object.keys(call.inputs).length > 0 ? call.inputs : { name, namespace, chart: record.chart.metadata.name, version: record.chart.metadata.version, values: record.config as PropertyMap };
  const before = readRelease(given);
  const inputs: PropertyMap = {
    ...given,
    ...(chartName(before.chart) === record.chart.metadata.name ? {} : { chart: record.chart.metadata.name }),
    ...(before.version === record.chart.metadata.version ? {} : { version: record.chart.metadata.version }),
    ...(isDeepStrictEqual(mergedValues(before), record.config) ? {} : { values: record.config as PropertyMap }),
  };
  return { id: call.id, inputs, outputs: outputsOf(inputs, record) };
}

/** Uninstalls a release: its workload and all its revisions. */
export async function deleteRelease(settings: Settings, call: DeleteCall): Promise<void> {
  const client = requireClient(settings);
  const [namespace = '', name = ''] = call.id.split('/');
  const known = await revisions(client, namespace, name, call.signal);
  const last = known.at(-1);
  if (last === undefined) return;
  await requireHelm(client);
  await writeRecord(client, { ...last, info: { ...last.info, status: 'uninstalling', description: 'Deletion in progress (or silently failed)' } });
  for (const object of objectsOf(last)) await remove(client, object);
  for (const record of known) await deleteRecord(client, record);
}

const pendingMessage = 'another operation (install/upgrade/rollback) is in progress';

/** Writes the pending revision, applies the workload, waits for it and settles the revisions. */
async function deploy(client: ApiClient, release: ReleaseInputs, known: readonly ReleaseRecord[], inputs: PropertyMap, call: CreateCall | UpdateCall): Promise<ReleaseRecord> {
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
  const [workload, ...others] = objectsOf(pending);
  pending.manifest = `# Simulated: the workload stands for the chart's own.\n${[workload, ...others].map((object) => `---\n${stringify(object)}`).join('')}`;
  await writeRecord(client, pending);
  try {
    for (const object of [workload, ...others]) await client.apply(object, manager, true, call.signal);
    if (!release.skipAwait) await waitUntil(async () => notReadyBecause(await client.get(workload, release.namespace, release.name, call.signal)), (call.timeoutSeconds || release.timeout) * 1000, call.signal);
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
    throw new PartialCreation(idOf(release), outputsOf(inputs, failed), inputs, `Helm release ${JSON.stringify(idOf(release))} was created, but failed to become ready: ${reason}`);
  }
  for (const record of known.filter(({ info }) => info.status === 'deployed')) await writeRecord(client, settled(record, 'superseded', record.info.description));
  for (const record of known.slice(0, Math.max(0, known.length + 1 - release.maxHistory))) await deleteRecord(client, record);
  const deployed = settled(pending, 'deployed', release.description ?? (previous === undefined ? 'Install complete' : 'Upgrade complete'));
  await writeRecord(client, deployed);
  return deployed;
}

/** What `atomic` does after a failure: an install is removed, an upgrade goes back to the revision before, as a revision of its own. */
async function undo(client: ApiClient, failed: ReleaseRecord, previous: ReleaseRecord | undefined): Promise<void> {
  if (previous === undefined) {
    for (const object of objectsOf(failed)) await remove(client, object);
    await deleteRecord(client, failed);
    return;
  }
  for (const object of objectsOf(previous)) await client.apply(object, manager, true);
  await writeRecord(client, settled(failed, 'failed', 'Upgrade failed'));
  await writeRecord(client, settled(previous, 'superseded', previous.info.description));
  await writeRecord(client, { ...settled(previous, 'deployed', `Rollback to ${previous.version}`), version: failed.version + 1 });
}

async function remove(client: ApiClient, object: KubeObject): Promise<void> {
  await client.call('DELETE', await client.pathOf(object, object.metadata.namespace, object.metadata.name), { propagationPolicy: 'Background' }).catch((error: unknown) => {
    if (!isNotFound(error)) throw error;
  });
}

/** What a revision has put into the cluster. */
function objectsOf({ name, namespace, chart, config }: ReleaseRecord): ReturnType<typeof releaseObjects> {
  return releaseObjects({ name, namespace, chart: chart.metadata.name, version: chart.metadata.version, values: config });
}

function settled(record: ReleaseRecord, status: ReleaseState, description: string): ReleaseRecord {
  return { ...record, info: { ...record.info, status, description } };
}

async function prepareNamespace(client: ApiClient, release: ReleaseInputs): Promise<void> {
  const namespace = { apiVersion: 'v1', kind: 'Namespace', metadata: { name: release.namespace } };
  if (release.createNamespace) {
    await client.apply(namespace, manager, false);
    return;
  }
  await client.get(namespace, undefined, release.namespace).catch((error: unknown) => {
    if (isNotFound(error)) throw new Error(`release ${idOf(release)}: create: failed to create: namespaces "${release.namespace}" not found (make it first, or set createNamespace)`);
    throw error;
  });
}

/** @throws Error on a real API server: charts can only be stood in for on a simulated one. */
async function requireHelm(client: ApiClient): Promise<void> {
  const version = stringAt(await client.call('GET', '/version'), 'gitVersion') ?? '';
  if (!version.includes(simulatedMarker)) throw new Error(`the API server (${version}) is a real one and no helm is attached to the emulated kubernetes provider: charts cannot be installed`);
}

function idOf(release: Pick<ReleaseInputs, 'namespace' | 'name'>): string {
  return `${release.namespace}/${release.name}`;
}

function outputsOf(inputs: PropertyMap, record: ReleaseRecord): PropertyMap {
  const { name, version } = record.chart.metadata;
  return { ...inputs, status: { name: record.name, namespace: record.namespace, version, status: record.info.status, chart: name, appVersion: '', revision: record.version } };
}
