import { PartialCreation, type PropertyMap } from '../../protocol/index.js';
import type { KubeObject } from '../json.js';
import { putNotice, removeNotice, type AddonNotice } from './addon-notice.js';
import type { ApiClient } from './api-client.js';
import { notReadyBecause } from './readiness.js';
import { chartName, idOf, mergedValues, type ReleaseInputs } from './release-inputs.js';
import { noticedOutputs } from './release-outputs.js';
import { standIns, type StandIn } from './stand-ins/index.js';
import { waitUntil } from './waiting.js';

/**
 * Leaves a release out whose chart cannot be had: what stands in for it is put into the cluster and waited for, where a cluster could not do without,
 * and a notice says so. Can be repeated.
 * @throws PartialCreation for a stand-in that does not become ready.
 */
export async function skipRelease(client: ApiClient, release: ReleaseInputs, inputs: PropertyMap, call: { signal: AbortSignal; timeoutSeconds: number }): Promise<PropertyMap> {
  const standIn = standIns.get(chartName(release.chart));
  const notice: AddonNotice = {
    name: release.name, namespace: release.namespace, version: release.version,
    ...(standIn === undefined ? { state: 'skipped', reason: 'no chart source' } : { state: 'stand-in', reason: `no chart source; ${standIn.is}` }),
  };
  const objects = standIn === undefined ? [] : await objectsOf(client, release, standIn);
  await putNotice(client, notice, call.signal);
  for (const object of objects) await client.apply(object, 'helm', true, call.signal);
  try {
    for (const object of release.skipAwait ? [] : objects) {
      await waitUntil(async () => {
        const reason = notReadyBecause(await client.get(object, object.metadata.namespace, object.metadata.name, call.signal));
        return reason === undefined ? undefined : `${object.kind} ${object.metadata.name}: ${reason}`;
      }, (call.timeoutSeconds || release.timeout) * 1000, call.signal);
    }
  } catch (error) {
    if (call.signal.aborted) throw error;
    const reason = error instanceof Error ? error.message : String(error);
    throw new PartialCreation(idOf(release), noticedOutputs(inputs, notice), inputs, `what stands in for the release ${JSON.stringify(idOf(release))} is there but not ready: ${reason}`);
  }
  return noticedOutputs(inputs, notice);
}

/** Takes away what stood in for a release, and then its notice. Can be repeated. @param successor the chart itself comes next: the kinds stay, and with them what is of these kinds */
export async function removeSkipped(client: ApiClient, release: ReleaseInputs, signal: AbortSignal, successor: boolean): Promise<void> {
  const standIn = standIns.get(chartName(release.chart));
  const objects = standIn === undefined ? [] : (await objectsOf(client, release, standIn)).filter(({ kind }) => !(successor && kind === 'CustomResourceDefinition'));
  for (const object of objects.toReversed()) await client.remove(object);
  for (const object of objects) {
    await waitUntil(async () => ((await client.find(object, signal)) === undefined ? undefined : `${object.kind} ${object.metadata.name} is still there`), release.timeout * 1000, signal);
  }
  await removeNotice(client, release.namespace, release.name);
}

async function objectsOf(client: ApiClient, release: ReleaseInputs, standIn: StandIn): Promise<KubeObject[]> {
  const { name, namespace, version } = release;
  const { serverName, server } = client.access;
  return standIn.objects({ name, namespace, version, values: mergedValues(release), endpoint: { host: serverName, port: server.port || '443' }, kubernetes: await client.version() });
}
