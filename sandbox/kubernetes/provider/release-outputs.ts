import type { PropertyMap } from '../../protocol/index.js';
import { stringAt } from '../json.js';
import type { AddonNotice } from './addon-notice.js';
import type { ReleaseRecord } from './release-record.js';

/** The outputs of a release that Helm has a record of. */
export function installedOutputs(inputs: PropertyMap, record: ReleaseRecord): PropertyMap {
  const { name, version } = record.chart.metadata;
  return { ...inputs, status: { name: record.name, namespace: record.namespace, version, status: record.info.status, chart: name, appVersion: '', revision: record.version } };
}

/** The outputs of a release that Helm knows nothing of: `status.status` is `skipped` or `stand-in`. */
export function noticedOutputs(inputs: PropertyMap, { name, namespace, version, state, reason }: AddonNotice): PropertyMap {
  return { ...inputs, status: { name, namespace, version, status: state, description: reason, chart: inputs['chart'] ?? name, appVersion: '', revision: 0 } };
}

/** Whether outputs say that Helm has not installed the release. */
export function isLeftOut(outputs: PropertyMap): boolean {
  return ['skipped', 'stand-in'].includes(stringAt(outputs, 'status', 'status') ?? '');
}
