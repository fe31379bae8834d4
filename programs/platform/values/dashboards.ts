import type { ClusterSpec } from '../../../model/spec.js';
import { dashboardFiles, dashboardJson, type DashboardFile } from '../../../templates/dashboards/index.js';
import { filesOf } from './alerts.js';

/** The dashboards that a cluster of this spec has: those of the cluster itself, and those of its add-ons. */
export function dashboardFilesOf(spec: ClusterSpec): DashboardFile[] {
  return filesOf(dashboardFiles, spec);
}

/** The dashboards as `grafana.dashboards` takes them, in the folder of our own that the values name as a provider. */
export function dashboards(spec: ClusterSpec): Record<string, unknown> {
  return { clusterwright: Object.fromEntries(dashboardFilesOf(spec).map((file) => [file, { json: dashboardJson(file) }])) };
}
