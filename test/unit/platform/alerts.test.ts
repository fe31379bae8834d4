import { execFile } from 'node:child_process';
import { readFileSync, readdirSync } from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import { z } from 'zod';
import { alertFilesOf, prometheusRules, runbookOf } from '../../../programs/platform/values/alerts.js';
import { alertFiles, alertRules } from '../../../templates/alerts/index.js';
import { kubernetesProgram } from '../../support/kubernetes-programs.js';
import { specOf } from './clusters.js';

const run = promisify(execFile);
const root = fileURLToPath(new URL('../../../', import.meta.url));
const alertsOf = (file: (typeof alertFiles)[number]): string[] => alertRules(file).groups.flatMap(({ rules }) => rules.flatMap((rule) => ('alert' in rule ? [rule.alert] : [])));
const promtool = (...args: string[]) => run(kubernetesProgram('prometheus', 'promtool'), args, { cwd: root });

/** The parts of promtool's own test files that are looked at here. */
const testsSchema = z.object({ tests: z.array(z.object({ name: z.string(), promql_expr_test: z.array(z.object({ exp_samples: z.array(z.object({ labels: z.string() })) })) })) });

describe('alerts', () => {
  it('are files that Prometheus reads', async () => {
    expect(readdirSync(path.join(root, 'templates/alerts')).filter((file) => file.endsWith('.yaml')).sort()).toEqual(alertFiles.map((file) => `${file}.yaml`).sort());
    await expect(promtool('check', 'rules', '--lint=all', '--lint-fatal', ...alertFiles.map((file) => `templates/alerts/${file}.yaml`))).resolves.toMatchObject({ stderr: '' });
  });

  it.each(alertFiles)('of %s fire when they should, and not before', async (file) => {
    await promtool('test', 'rules', `test/unit/platform/alerts/${file}.yaml`);
  }, 60_000);

  it.each(alertFiles)('of %s have a test each, in which they first do not fire and then do', (file) => {
    const { tests } = testsSchema.parse(parse(readFileSync(path.join(root, `test/unit/platform/alerts/${file}.yaml`), 'utf8')));
    expect([...new Set(tests.map(({ name }) => name))]).toEqual(alertsOf(file));
    for (const { name, promql_expr_test: [before, after] } of tests) {
      expect(before?.exp_samples.map(({ labels }) => labels), name).not.toContain(`{alertname="${name}"}`);
      expect(after?.exp_samples.map(({ labels }) => labels), name).toContain(`{alertname="${name}"}`);
    }
  });

  it('have names of their own, none of them twice', () => {
    const names = alertFiles.flatMap(alertsOf);
    expect(names.filter((name, index) => names.indexOf(name) !== index)).toEqual([]);
  });

  it('are there for the add-ons that a cluster has', () => {
    const general = ['etcd', 'api-server', 'certificates', 'nodes', 'volumes', 'cloud-controller'];
    expect(alertFilesOf(specOf('development'))).toEqual([...general, 'cilium']);
    expect(alertFilesOf(specOf('production', { platform: { gitops: 'flux', databases: 'none', ingress: 'none' } }))).toEqual([...general, 'cilium', 'cert-manager', 'external-secrets', 'kyverno', 'loki', 'velero', 'flux2', 'argo-rollouts', 'cluster-autoscaler', 'tempo', 'opentelemetry-collector', 'trivy-operator', 'kube-bench']);
    expect(alertFilesOf(specOf('development', { platform: { cni: 'calico', nodeScaling: 'cluster-autoscaler', runtimeSecurity: 'falco' } }))).toEqual([...general, 'cluster-autoscaler', 'tigera-operator', 'falco']);
  });

  it('say where their runbook is', () => {
    expect(prometheusRules(specOf('production'))['velero']).toMatchObject({
      groups: [{ name: 'velero.recorded' }, { rules: expect.arrayContaining([expect.objectContaining({ alert: 'BackupMissing', annotations: expect.objectContaining({ runbook: 'docs/runbooks/velero.md#backupmissing' }) })]) }],
    });
  });
});

describe('runbooks', () => {
  it('are one page for each file of alerts', () => {
    expect(readdirSync(path.join(root, 'docs/runbooks')).sort()).toEqual(alertFiles.map((file) => `${file}.md`).sort());
  });

  it.each(alertFiles)('of %s have a heading for each alert, and none for what is no alert', (file) => {
    const page = readFileSync(path.join(root, `docs/runbooks/${file}.md`), 'utf8');
    const headings = [...page.matchAll(/^## (\S+)$/gm)].map(([, heading]) => heading ?? '');
    expect(headings).toEqual(alertsOf(file));
    expect(headings.map((heading) => runbookOf(file, heading))).toEqual(alertsOf(file).map((alert) => `docs/runbooks/${file}.md#${alert.toLowerCase()}`));
  });

  it.each(alertFiles)('of %s say of each alert what it means, what to look at with commands, and what to do', (file) => {
    const page = readFileSync(path.join(root, `docs/runbooks/${file}.md`), 'utf8');
    for (const section of page.split(/^## /m).slice(1)) {
      const heading = section.split('\n', 1)[0];
      expect(section, heading).toMatch(/^\*\*Means\*\* /m);
      expect(section, heading).toMatch(/^\*\*Look\*\* /m);
      expect(section, heading).toMatch(/^```\n\S/m);
      expect(section, heading).toMatch(/^\*\*Do\*\* /m);
    }
  });
});
