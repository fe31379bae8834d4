import { readFileSync } from 'node:fs';

/** Grafana's dashboards that lie beside this module: those of the cluster itself, then those of add-ons, each named as its chart. */
export const dashboardFiles = ['cluster', 'control-plane', 'velero', 'argo-cd'] as const;
export type DashboardFile = (typeof dashboardFiles)[number];

/** A dashboard as Grafana reads it, in one line. A file that is not JSON is a fault of the package and throws. */
export function dashboardJson(file: DashboardFile): string {
  return JSON.stringify(JSON.parse(readFileSync(new URL(`./${file}.json`, import.meta.url), 'utf8')));
}
