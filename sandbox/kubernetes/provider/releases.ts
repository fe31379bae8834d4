import { isDeepStrictEqual } from 'node:util';
import { compareInputs, UNKNOWN, type CreateCall, type CreateResult, type DeleteCall, type DiffCall, type DiffResult, type PropertyMap, type ReadCall, type ReadResult, type UpdateCall, type UpdateResult } from '../../protocol/index.js';
import { simulatedMarker } from '../api-server/discovery.js';
import { readNotice } from './addon-notice.js';
import { isNotFound, type ApiClient } from './api-client.js';
import { deployRelease, uninstallRelease } from './helm-releases.js';
import { requireClient } from './objects.js';
import { chartName, idOf, mergedValues, readRelease, type ReleaseInputs } from './release-inputs.js';
import { installedOutputs, isLeftOut, noticedOutputs } from './release-outputs.js';
import { revisions } from './release-record.js';
import type { Settings } from './settings.js';
import { deploySimulated, uninstallSimulated } from './simulated-releases.js';

const manager = 'helm';

/**
 * Another name or namespace is another release; everything else is an upgrade. A release that was left out is an upgrade too, as soon as its chart
 * can be had: it is looked for with each comparison.
 */
export async function diffRelease(settings: Settings, call: DiffCall): Promise<DiffResult> {
  const differences = new Map(compareInputs(call.oldInputs, call.news, { replaces: ['name', 'namespace'] }));
  if (isLeftOut(call.oldState) && (await settings.charts.find(readRelease(call.oldInputs), call.signal)) !== undefined) differences.set('status', 'update');
  return { differences, deleteBeforeReplace: false };
}

/** Installs a release, or leaves it out where the API server is a real one and its chart cannot be had. */
export async function createRelease(settings: Settings, call: CreateCall): Promise<CreateResult> {
  if (call.preview) return { id: '', outputs: { ...call.inputs, status: UNKNOWN } };
  const client = requireClient(settings);
  const release = readRelease(call.inputs);
  await prepareNamespace(client, release);
  const last = (await revisions(client, release.namespace, release.name, call.signal)).at(-1);
  if (last !== undefined) throw new Error(`release ${idOf(release)}: ${last.info.status.startsWith('pending') ? pendingMessage : 'cannot re-use a name that is still in use'}`);
  const outputs = (await isSimulated(client)) ? installedOutputs(call.inputs, await deploySimulated(client, release, [], call.inputs, call)) : await deployRelease(settings, client, release, call.inputs, call);
  return { id: idOf(release), outputs };
}

/** Upgrades a release to a new revision. */
export async function updateRelease(settings: Settings, call: UpdateCall): Promise<UpdateResult> {
  if (call.preview) return { outputs: { ...call.news, status: UNKNOWN } };
  const client = requireClient(settings);
  const release = readRelease(call.news);
  const known = await revisions(client, release.namespace, release.name, call.signal);
  const last = known.at(-1);
  if (last?.info.status.startsWith('pending') === true) throw new Error(`release ${idOf(release)}: ${pendingMessage}`);
  if (!(await isSimulated(client))) return { outputs: await deployRelease(settings, client, release, call.news, call) };
  if (last === undefined) throw new Error(`release ${idOf(release)}: "${release.name}" has no deployed releases`);
  return { outputs: installedOutputs(call.news, await deploySimulated(client, release, known, call.news, call)) };
}

/** Reads a release; undefined when there is none. */
export async function refreshRelease(settings: Settings, call: ReadCall): Promise<ReadResult | undefined> {
  const client = requireClient(settings);
  const [namespace = '', name = ''] = call.id.split('/');
  const record = (await revisions(client, namespace, name, call.signal)).at(-1);
  if (record === undefined) {
    const notice = Object.keys(call.inputs).length > 0 ? await readNotice(client, namespace, name, call.signal) : undefined;
    return notice === undefined ? undefined : { id: call.id, inputs: call.inputs, outputs: noticedOutputs(call.inputs, notice) };
  }
  const given: PropertyMap = Object.keys(call.inputs).length > 0 ? call.inputs : { name, namespace, chart: record.chart.metadata.name, version: record.chart.metadata.version, values: record.config as PropertyMap };
  const before = readRelease(given);
  const inputs: PropertyMap = {
    ...given,
    ...(chartName(before.chart) === record.chart.metadata.name ? {} : { chart: record.chart.metadata.name }),
    ...(before.version === record.chart.metadata.version ? {} : { version: record.chart.metadata.version }),
    ...(isDeepStrictEqual(mergedValues(before), record.config) ? {} : { values: record.config as PropertyMap }),
  };
  return { id: call.id, inputs, outputs: installedOutputs(inputs, record) };
}

/** Uninstalls a release, or takes away what stood in for it. */
export async function deleteRelease(settings: Settings, call: DeleteCall): Promise<void> {
  const client = requireClient(settings);
  const [namespace = '', name = ''] = call.id.split('/');
  const known = await revisions(client, namespace, name, call.signal);
  const last = known.at(-1);
  if (!(await isSimulated(client))) await uninstallRelease(settings, client, readRelease(call.oldInputs), last !== undefined, call);
  else if (last !== undefined) await uninstallSimulated(client, known, last);
}

const pendingMessage = 'another operation (install/upgrade/rollback) is in progress';

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

async function isSimulated(client: ApiClient): Promise<boolean> {
  return (await client.version()).includes(simulatedMarker);
}
