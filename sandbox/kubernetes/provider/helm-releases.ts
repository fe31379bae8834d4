import { PartialCreation, type PropertyMap } from '../../protocol/index.js';
import { readNotice } from './addon-notice.js';
import type { ApiClient } from './api-client.js';
import { HelmError } from './helm.js';
import { idOf, type ReleaseInputs } from './release-inputs.js';
import { installedOutputs } from './release-outputs.js';
import { revisions } from './release-record.js';
import type { Settings } from './settings.js';
import { removeSkipped, skipRelease } from './skipped-releases.js';

interface Call {
  readonly signal: AbortSignal;
  /** The custom time-out in seconds, 0 for none. */
  readonly timeoutSeconds: number;
}

/**
 * Installs or upgrades a release on a real API server with the real helm. A release that Helm knows nothing of and whose chart cannot be had is left out.
 * @returns the outputs
 */
export async function deployRelease({ charts, helm }: Settings, client: ApiClient, given: ReleaseInputs, inputs: PropertyMap, call: Call): Promise<PropertyMap> {
  const { namespace, name } = given;
  const release = { ...given, timeout: call.timeoutSeconds || given.timeout };
  const before = (await revisions(client, namespace, name, call.signal)).at(-1);
  const chart = await charts.find(release, call.signal);
  if (chart === undefined) {
    if (before === undefined) return skipRelease(client, release, inputs, call);
    throw new Error(`Helm release ${JSON.stringify(idOf(release))} stays at ${before.chart.metadata.version}: its chart in version ${release.version} cannot be had. Put it into the folder of CLUSTERWRIGHT_SANDBOX_CHARTS, or connect to its repository.`);
  }
  if ((await readNotice(client, namespace, name, call.signal)) !== undefined) await removeSkipped(client, release, call.signal, true);
  try {
    await helm.upgrade(client.access, release, chart, call.signal);
  } catch (error) {
    const after = error instanceof HelmError ? (await revisions(client, namespace, name, call.signal)).at(-1) : undefined;
    // What failed for good is there, unless "atomic" has taken it back.
    if (after?.info.status === 'failed' && after.version !== before?.version) throw new PartialCreation(idOf(release), installedOutputs(inputs, after), inputs, String(error));
    throw error;
  }
  const after = (await revisions(client, namespace, name, call.signal)).at(-1);
  if (after === undefined) throw new Error(`Helm release ${JSON.stringify(idOf(release))} is gone right after its installation: somebody else has uninstalled it`);
  return installedOutputs(inputs, after);
}

/** Removes a release from a real API server: what Helm installed, or what stood in for it. @param installed whether Helm has a record of it */
export async function uninstallRelease({ helm }: Settings, client: ApiClient, release: ReleaseInputs, installed: boolean, call: Call): Promise<void> {
  const given = { ...release, timeout: call.timeoutSeconds || release.timeout };
  if (installed) await helm.uninstall(client.access, given, call.signal);
  if ((await readNotice(client, given.namespace, given.name, call.signal)) !== undefined) await removeSkipped(client, given, call.signal, false);
}
