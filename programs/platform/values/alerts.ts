import type { ClusterSpec } from '../../../model/spec.js';
import { alertFiles, alertRules, type AlertFile } from '../../../templates/alerts/index.js';
import { benchmarkNamespace } from '../benchmark.js';
import { charts, chartsOf } from '../charts.js';

/** Of files that are there for the cluster itself or, when they are named as a chart or the benchmark, for an add-on: those that a cluster of this spec has. */
export function filesOf<File extends string>(files: readonly File[], spec: ClusterSpec): File[] {
  const addons = new Set<string>([...charts.map(({ name }) => name), benchmarkNamespace]);
  const installed = new Set<string>([...chartsOf(spec).map(({ name }) => name), ...(spec.platform.benchmark === 'kube-bench' ? [benchmarkNamespace] : [])]);
  return files.filter((file) => !addons.has(file) || installed.has(file));
}

/** The files of rules that a cluster of this spec has. */
export function alertFilesOf(spec: ClusterSpec): AlertFile[] {
  return filesOf(alertFiles, spec);
}

/** Where it is written what an alert means and what to do: a page of this repository, with the anchor of the alert's own heading. */
export function runbookOf(file: AlertFile, alert: string): string {
  return `docs/runbooks/${file}.md#${alert.toLowerCase()}`;
}

/** The rules of a cluster by file, each alert with its runbook, as `additionalPrometheusRulesMap` takes them. */
export function prometheusRules(spec: ClusterSpec): Record<string, unknown> {
  return Object.fromEntries(alertFilesOf(spec).map((file) => [file, {
    groups: alertRules(file).groups.map(({ name, rules }) => ({
      name,
      rules: rules.map((rule) => ('alert' in rule ? { ...rule, annotations: { ...rule.annotations, runbook: runbookOf(file, rule.alert) } } : rule)),
    })),
  }]));
}
