import { isRecord, type JsonRecord } from '../json.js';
import { fromSecret } from '../provider/release-record.js';
import type { ControllerContext } from './context.js';

/** Where the stand-ins of releases are kept. */
const workloadKinds = ['apps/deployments', 'apps/daemonsets'];

/** Whether a release's workload is there: a controller that is not installed does nothing. */
export function isInstalled({ api }: Pick<ControllerContext, 'api'>, release: string, namespace = 'kube-system'): boolean {
  return workloadKinds.some((kind) => api.objects(kind).some(({ metadata }) => metadata.name === release && metadata.namespace === namespace && metadata.deletionTimestamp === undefined));
}

/** The values of a release's newest revision; empty where it has none. */
export function valuesOf({ api }: Pick<ControllerContext, 'api'>, release: string): JsonRecord {
  const records = api.objects('/secrets')
    .filter(({ metadata }) => metadata.labels?.['owner'] === 'helm' && metadata.labels['name'] === release)
    .map((secret) => fromSecret(secret))
    .sort((a, b) => b.version - a.version);
  const config = records[0]?.config;
  return isRecord(config) ? config : {};
}
