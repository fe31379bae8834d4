import { execFile } from 'node:child_process';
import { mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { promisify } from 'node:util';
import { describe, expect, it } from 'vitest';
import { stringify } from 'yaml';
import { z } from 'zod';
import { dashboardFilesOf } from '../../../programs/platform/values/dashboards.js';
import { valuesOf } from '../../../programs/platform/values/index.js';
import { alertFiles, alertRules } from '../../../templates/alerts/index.js';
import { dashboardFiles, dashboardJson } from '../../../templates/dashboards/index.js';
import { kubernetesProgram } from '../../support/kubernetes-programs.js';
import { inputOf, specOf } from './clusters.js';

const run = promisify(execFile);

/** What we use of Grafana's schema of dashboards, version 41. The data source is the one that kube-prometheus-stack brings. */
const datasource = z.strictObject({ type: z.literal('prometheus'), uid: z.literal('prometheus') });
const panel = z.strictObject({
  id: z.int().positive(),
  type: z.enum(['stat', 'timeseries']),
  title: z.string().min(1),
  description: z.string(),
  datasource,
  gridPos: z.strictObject({ x: z.int().min(0), y: z.int().min(0), w: z.int().min(1), h: z.int().min(1) }).refine(({ x, w }) => x + w <= 24),
  fieldConfig: z.strictObject({ defaults: z.strictObject({ unit: z.enum(['short', 'percentunit', 'bytes', 's', 'reqps']) }), overrides: z.array(z.never()) }),
  targets: z.array(z.strictObject({ refId: z.string().regex(/^[A-Z]$/), datasource, expr: z.string().min(1), legendFormat: z.string() })).min(1),
});
const dashboard = z.strictObject({
  uid: z.string().regex(/^clusterwright-[a-z-]{1,26}$/),
  title: z.string().min(1),
  description: z.string().min(1),
  tags: z.tuple([z.literal('clusterwright')]),
  schemaVersion: z.literal(41),
  editable: z.literal(false),
  refresh: z.string(),
  time: z.strictObject({ from: z.string(), to: z.string() }),
  timezone: z.literal('browser'),
  templating: z.strictObject({ list: z.array(z.never()) }),
  panels: z.array(panel).min(1),
});
const parsed = (file: (typeof dashboardFiles)[number]) => dashboard.parse(JSON.parse(dashboardJson(file)));
const expressionsOf = (file: (typeof dashboardFiles)[number]): string[] => parsed(file).panels.flatMap(({ targets }) => targets.map(({ expr }) => expr));

describe('dashboards', () => {
  it('are files that Grafana reads, each with a name of its own', () => {
    expect(readdirSync(new URL('../../../templates/dashboards/', import.meta.url)).filter((file) => file.endsWith('.json')).sort()).toEqual(dashboardFiles.map((file) => `${file}.json`).sort());
    expect(new Set(dashboardFiles.map((file) => parsed(file).uid)).size).toBe(dashboardFiles.length);
  });

  it.each(dashboardFiles)('of %s have panels that lie side by side', (file) => {
    const { panels } = parsed(file);
    const places = panels.flatMap(({ gridPos: { x, y, w, h } }) => Array.from({ length: w * h }, (_, index) => `${x + (index % w)}:${y + Math.floor(index / w)}`));
    expect(new Set(places).size).toBe(places.length);
    expect(new Set(panels.map(({ id }) => id)).size).toBe(panels.length);
  });

  it('ask what Prometheus understands', async () => {
    const folder = mkdtempSync(path.join(os.tmpdir(), 'dashboards-'));
    try {
      const rules = dashboardFiles.flatMap((file) => expressionsOf(file).map((expr, index) => ({ record: `dashboard:${file.replaceAll('-', '_')}:${index}`, expr })));
      writeFileSync(path.join(folder, 'rules.yaml'), stringify({ groups: [{ name: 'dashboards', rules }] }));
      await run(kubernetesProgram('prometheus', 'promtool'), ['check', 'rules', path.join(folder, 'rules.yaml')]);
    } finally {
      rmSync(folder, { recursive: true });
    }
  });

  it('ask for recorded series that our rules record', () => {
    const recorded = new Set(alertFiles.flatMap((file) => alertRules(file).groups.flatMap(({ rules }) => rules.flatMap((rule) => ('record' in rule ? [rule.record] : [])))));
    const asked = dashboardFiles.flatMap((file) => expressionsOf(file).flatMap((expr) => [...expr.matchAll(/\b[a-z_]+:[a-z_]+:[a-z0-9_]+\b/g)].map(([name]) => name)));
    expect(asked.length).toBeGreaterThan(5);
    expect(asked.filter((name) => !recorded.has(name))).toEqual([]);
  });

  it('are there for the add-ons that a cluster has, in the folder of our own', () => {
    expect(dashboardFilesOf(specOf('production', { platform: { gitops: 'flux' } }))).toEqual(['cluster', 'control-plane', 'velero']);
    expect(valuesOf('kube-prometheus-stack', inputOf(specOf('production')))).toMatchObject({
      grafana: {
        dashboards: { clusterwright: { 'argo-cd': { json: dashboardJson('argo-cd') } } },
        dashboardProviders: { 'dashboardproviders.yaml': { providers: [{ name: 'clusterwright', options: { path: '/var/lib/grafana/dashboards/clusterwright' } }] } },
      },
    });
  });
});
