import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { parse, stringify } from 'yaml';
import { z } from 'zod';
import { kubernetesProgram } from '../../support/kubernetes-programs.js';

const chart = new URL('../../../deploy/chart/', import.meta.url);
const rules = readFileSync(new URL('rules/clusterwright.yaml', chart), 'utf8').replaceAll('NAMESPACE', 'cw');
const folder = mkdtempSync(path.join(os.tmpdir(), 'rules-'));
afterAll(() => rmSync(folder, { recursive: true }));

const promtool = (...args: string[]): string => execFileSync(kubernetesProgram('prometheus', 'promtool'), args, { cwd: folder, encoding: 'utf8', stdio: 'pipe' });
const file = (name: string, content: unknown): string => {
  writeFileSync(path.join(folder, name), typeof content === 'string' ? content : stringify(content));
  return path.join(folder, name);
};

type Series = Readonly<Record<string, string>>;
/** A cluster of which something of a kind ends within so many days. */
function expiring(kind: string, ...within: readonly number[]): Series {
  return Object.fromEntries(within.map((days) => [`clusterwright_clusters_expiring{namespace="cw",pod="a",kind="${kind}",days="${days}"}`, '1x120']));
}
/** Two replicas of the API that tell the same, one worker. */
const healthy: Series = {
  'clusterwright_queue_depth{namespace="cw",pod="a"}': '0x120', 'clusterwright_queue_depth{namespace="cw",pod="b"}': '0x120',
  'clusterwright_operations_running{namespace="cw",pod="a",worker="1"}': '2x120', 'clusterwright_operations_running{namespace="cw",pod="b",worker="1"}': '2x120', 'clusterwright_operations_running{namespace="cw",pod="a",worker="2"}': '1x120',
  'clusterwright_http_request_duration_seconds_count{namespace="cw",status="200"}': '0+60x120', 'clusterwright_webhook_deliveries_pending{namespace="cw"}': '3x120',
  'clusterwright_replacement_stopped{namespace="cw",pod="a",reason="TooManyUnhealthy"}': '0x120',
  'clusterwright_clusters_drifted{namespace="cw",pod="a"}': '0x120',
  // What lasts for a day ends within 14 days wherever all is well.
  ...expiring('join-token', 14, 30), ...expiring('certificate', 30),
  'clusterwright_drills_failed{namespace="cw",pod="a"}': '0x120', 'clusterwright_drills_missed{namespace="cw",pod="a"}': '0x120',
};
const { groups } = z.object({ groups: z.array(z.object({ rules: z.array(z.looseObject({ alert: z.string().optional() })) })) }).parse(parse(rules));
const alerts = groups.flatMap((group) => group.rules.flatMap(({ alert }) => alert ?? []));

/** Which alerts stand after two hours of these series: promtool is told that none does, and names those that do. */
function standing(series: Series): string[] {
  file('rules.yaml', rules);
  const test = {
    rule_files: ['rules.yaml'], evaluation_interval: '1m',
    tests: [{
      interval: '1m', input_series: Object.entries(series).map(([name, values]) => ({ series: name, values })),
      alert_rule_test: alerts.map((alertname) => ({ eval_time: '115m', alertname, exp_alerts: [] })),
    }],
  };
  try {
    promtool('test', 'rules', file('test.yaml', test));
    return [];
  } catch (error) {
    const said = error instanceof Error ? error.message : '';
    const named = alerts.filter((alert) => said.includes(`alertname: ${alert},`));
    if (named.length === 0) throw error;
    return named;
  }
}

describe('the rules of the chart', () => {
  it('are whole to Prometheus', () => {
    expect(promtool('check', 'rules', file('rules.yaml', rules))).toContain('15 rules found');
  });

  it('count what waits and what runs once, whatever the number of replicas', () => {
    const test = {
      rule_files: [file('rules.yaml', rules)], evaluation_interval: '1m',
      tests: [
        { interval: '1m', input_series: Object.entries({ ...healthy, 'clusterwright_queue_depth{namespace="cw",pod="a"}': '4x120' }).map(([series, values]) => ({ series, values })), promql_expr_test: [{ expr: 'clusterwright:jobs_in_hand', eval_time: '60m', exp_samples: [{ labels: 'clusterwright:jobs_in_hand{namespace="cw"}', value: 7 }] }] },
        { interval: '1m', input_series: [{ series: 'clusterwright_queue_depth{namespace="cw"}', values: '5x120' }], promql_expr_test: [{ expr: 'clusterwright:jobs_in_hand', eval_time: '60m', exp_samples: [{ labels: 'clusterwright:jobs_in_hand{namespace="cw"}', value: 5 }] }] },
      ],
    };
    expect(promtool('test', 'rules', file('test.yaml', test))).toContain('SUCCESS');
  });

  const without = (pattern: RegExp): Series => Object.fromEntries(Object.entries(healthy).filter(([name]) => !pattern.test(name)));
  it.each<[string, Series, string[]]>([
    ['all is well', healthy, []],
    ['no API answers', {}, ['ClusterwrightApiGone']],
    ['no worker is alive', without(/operations_running/), ['ClusterwrightNoWorker']],
    ['jobs wait', { ...healthy, 'clusterwright_queue_depth{namespace="cw",pod="a"}': '3x120', 'clusterwright_queue_depth{namespace="cw",pod="b"}': '3x120' }, ['ClusterwrightJobsWait']],
    ['jobs fail', { ...healthy, 'clusterwright_phase_duration_seconds_count{namespace="cw",kind="create",phase="nodes",state="failed"}': '0+1x120' }, ['ClusterwrightJobsFail']],
    ['requests fail', { ...healthy, 'clusterwright_http_request_duration_seconds_count{namespace="cw",status="503"}': '0+6x120' }, ['ClusterwrightErrors']],
    ['machines are not replaced', { ...healthy, 'clusterwright_replacement_stopped{namespace="cw",pod="a",reason="TooManyUnhealthy"}': '0x110 1x10' }, ['ClusterwrightMachinesNotReplaced']],
    ['clusters drift', { ...healthy, 'clusterwright_clusters_drifted{namespace="cw",pod="a"}': '2x120' }, ['ClusterwrightDrift']],
    ['a minor ends in two months', { ...healthy, ...expiring('kubernetes', 60) }, ['ClusterwrightEndsWithin60Days']],
    ['an operating system ends in two weeks', { ...healthy, ...expiring('operating-system', 14) }, ['ClusterwrightEndsWithin14Days']],
    ['an operating system has ended', { ...healthy, ...expiring('operating-system', 0) }, []],
    ['an authority ends in a month', { ...healthy, ...expiring('authority', 30) }, ['ClusterwrightEndsWithin30Days']],
    ['a certificate was not renewed', { ...healthy, ...expiring('certificate', 14) }, ['ClusterwrightEndsWithin14Days']],
    ['a token was not renewed', { ...healthy, ...expiring('join-token', 0) }, ['ClusterwrightEnded']],
    ['a restore drill failed', { ...healthy, 'clusterwright_drills_failed{namespace="cw",pod="a"}': '0x110 1x10' }, ['ClusterwrightDrillFailed']],
    ['restore drills are missed', { ...healthy, 'clusterwright_drills_missed{namespace="cw",pod="a"}': '0x90 2x30' }, ['ClusterwrightDrillsMissed']],
    ['receivers do not answer', { ...healthy, 'clusterwright_webhook_deliveries_pending{namespace="cw"}': '30x120' }, ['ClusterwrightWebhooksWait']],
  ])('tell that %s', (_what, series, expected) => {
    expect(standing(series)).toEqual(expected);
  });
});

describe('the dashboard of the chart', () => {
  it('asks Prometheus what it understands, and only for what the service measures', () => {
    const { panels } = z.object({ panels: z.array(z.object({ targets: z.array(z.object({ expr: z.string() })) })) }).parse(JSON.parse(readFileSync(new URL('dashboards/clusterwright.json', chart), 'utf8')));
    const asked = panels.flatMap(({ targets }) => targets.map(({ expr }) => expr.replaceAll('$namespace', 'cw')));
    expect(asked.length).toBeGreaterThan(9);
    promtool('check', 'rules', file('dashboard.yaml', { groups: [{ name: 'g', rules: asked.map((expr, index) => ({ record: `r:${index}`, expr })) }] }));
    const measured = readFileSync(new URL('../../api/metrics/metrics.ts', chart), 'utf8');
    const names = [...`${asked.join('\n')}\n${rules}`.matchAll(/\b(clusterwright_[a-z_]+?)(?:_bucket|_count)?\{/g)].map(([, name = '']) => name);
    expect([...new Set(names)].filter((name) => !measured.includes(`'${name}'`))).toEqual([]);
  });
});
