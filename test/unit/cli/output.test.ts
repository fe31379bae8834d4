import { describe, expect, it } from 'vitest';
import type { Drill, Plan } from '../../../client/index.js';
import { formatDuration, parseDuration } from '../../../cli/durations.js';
import { backupList } from '../../../cli/output/backups.js';
import { drillList, drillReport } from '../../../cli/output/drills.js';
import { changedFields, planRows } from '../../../cli/output/plan.js';
import { columns, properties } from '../../../cli/output/table.js';

describe('durations', () => {
  it.each([['45s', 45_000], ['90m', 5_400_000], ['1h30m', 5_400_000], ['2d', 172_800_000]])('reads %s', (text, milliseconds) => {
    expect(parseDuration(text)).toBe(milliseconds);
  });

  it.each(['', '5', 'm', '1h 30m', '-5s', '1.5h'])('does not take %j for one', (text) => {
    expect(parseDuration(text)).toBeUndefined();
  });

  it.each([[0, '0 s'], [64_000, '1 min 4 s'], [3_600_000, '1 h'], [3_599_999, '59 min 59 s'], [90_061_000, '1 d 1 h']])('writes %d as %s', (milliseconds, text) => {
    expect(formatDuration(milliseconds)).toBe(text);
  });
});

describe('tables', () => {
  it('align columns and end no line with a space', () => {
    expect(columns(['name', 'state'], [['a-long-name', 'ready'], ['b', '']])).toBe('NAME         STATE\na-long-name  ready\nb');
  });

  it('show a repeated name once', () => {
    expect(properties([['pool', 'one'], ['pool', 'two'], ['owner', 'x']])).toBe('pool   one\n       two\nowner  x');
  });
});

describe('what a patch changes', () => {
  const spec = { owner: 'a', labels: { x: '1' }, protect: false, nodePools: [{ name: 'general', diskGiB: 80, labels: {} }] };

  it.each([
    [{ owner: 'a', labels: { x: '1' } }, []],
    [{ owner: 'b' }, ['owner: "a" → "b"']],
    [{ labels: { x: null, y: '2' } }, ['labels.x: "1" → not set', 'labels.y: not set → "2"']],
    [{ nodePools: [{ name: 'general' }] }, ['nodePools[0].diskGiB: 80 → the default, since it is not given']],
    [{ nodePools: [] }, [`nodePools: ${JSON.stringify(spec.nodePools)} → []`]],
    [{ gone: null }, []],
  ])('of %j is %j', (patch, lines) => {
    expect(changedFields(spec, patch)).toEqual(lines);
  });
});

describe('a plan', () => {
  const plan: Plan = {
    stacks: [{ name: 'x-infrastructure', basis: 'previewed' }, { name: 'x-platform', basis: 'declared' }], create: 3, update: 1, replace: 0, delete: 0, same: 9,
    changes: [
      { type: 'aws:ec2/subnet:Subnet', name: 'a', op: 'create', properties: [] }, { type: 'aws:ec2/subnet:Subnet', name: 'b', op: 'create', properties: [] }, { type: 'aws:ec2/vpc:Vpc', name: 'vpc', op: 'create', properties: [] },
      { type: 'aws:autoscaling/group:Group', name: 'pool', op: 'update', properties: ['maxSize'] },
    ],
  };

  it('says what a cluster costs and of when the prices are, or nothing', () => {
    const cost = { currency: 'USD', monthly: 700, monthlyAtMost: 900.5, monthlyBefore: 650.25, pricesAsOf: '2026-11-01', items: [{ what: 'm7i.large', count: 3, monthly: 700 }], notCounted: ['traffic'] } as const;
    const rows = planRows({ ...plan, cost: { ...cost, items: [...cost.items], notCounted: [...cost.notCounted] } });

    expect(rows.filter(([name]) => name === 'cost' || name === 'not counted').map(([, text]) => text)).toEqual([
      'about 700.00 USD a month, up to 900.50 USD with all pools grown, 650.25 USD before; list prices of 2026-11-01', '700.00 USD  3 × m7i.large', 'traffic',
    ]);
    expect(planRows({ ...plan, cost: null }).map(([name]) => name)).not.toContain('cost');
  });

  it('has changes of what is there one by one, and what would be made by kind', () => {
    expect(planRows(plan).filter(([name]) => name === 'changes').map(([, text]) => text)).toEqual(['~ aws:autoscaling/group:Group pool (maxSize)', '+ aws:ec2/subnet:Subnet × 2', '+ aws:ec2/vpc:Vpc vpc']);
  });
});

describe('restore drills', () => {
  const report: NonNullable<Drill['report']> = {
    kind: 'drill', of: 'etcd', cluster: null, comparison: null, at: '2026-11-29T10:30:00.000Z', backup: { id: 'etcd/2026-11-29T10-03-11Z', at: '2026-11-29T10:03:11Z' }, node: 'cp-3', rpoSeconds: 1609, rtoSeconds: 24, targets: { rpoSeconds: 4200, rtoSeconds: 1800 },
    finding: { seconds: { restore: 2, etcd: 1, apiServer: 6, checks: 1 }, objects: { expected: 212, found: 212 }, secrets: { expected: 9, found: 9, refusal: null }, canary: 'whole' }, faults: [],
  };
  const passed: Drill = { of: 'etcd', cluster: null, job: '01M8KH3CAY49RD2K3Q7R200Q29', requestedAt: '2026-11-29T10:30:00.000Z', requestedBy: 'clusterwright', state: 'succeeded', report, error: null };
  const failed: Drill = { ...passed, requestedAt: '2026-11-22T10:30:00.000Z', state: 'failed', report: { ...report, rtoSeconds: null, faults: ['The canary is missing.', 'a | b'] } };
  const whole: Drill = { ...passed, of: 'cluster', cluster: 'drill-abcdefgh', report: { ...report, of: 'cluster', cluster: 'drill-abcdefgh', node: null, finding: null, rpoSeconds: 30_000, rtoSeconds: 1200, comparison: { objects: { expected: 31, found: 31 }, missing: [], different: [], velero: { warnings: 0, errors: 0 }, leftOut: { pods: 4 } } } };
  const lost: Drill = { ...passed, state: 'failed', report: null, error: { code: 'phase-timeout', title: 'T', detail: 'It took too long.', resource: null, hint: 'H', retryable: true } };

  it('are listed with their numbers, and with what was wrong', () => {
    const [, ...lines] = drillList([passed, failed, whole, lost]).split('\n');
    expect(lines.map((line) => line.split(/ {2,}/).slice(1))).toEqual([
      ['etcd', 'etcd/2026-11-29T10-03-11Z', '1609 s', '24 s', '212', 'passed'], ['etcd', 'etcd/2026-11-29T10-03-11Z', '1609 s', '212', 'failed', 'The canary is missing. a | b'],
      ['cluster', 'etcd/2026-11-29T10-03-11Z', '30000 s', '1200 s', '31', 'passed'], ['etcd', 'failed', 'It took too long.'],
    ]);
  });

  it('become a page of Markdown that counts those that have ended and says the worst of what has passed', () => {
    const page = drillReport('payments-prod', [{ ...passed, state: 'running', report: null }, passed, failed, whole], new Date('2026-11-30T00:00:00Z'));
    expect(page).toContain('In the twelve months until 2026-11-30: 2 drills of etcd, of which 1 have passed, with an RPO of at most 1609 s and an RTO of at most 24 s; 1 drills of the whole cluster, of which 1 have passed, with an RPO of at most 30000 s and an RTO of at most 1200 s.');
    expect(page).toMatch(/^\| 2026-11-22T10:30:00.000Z \| .* \| failed \| The canary is missing\. a \\\| b \|$/m);
    expect(drillReport('payments-prod', [], new Date('2026-11-30T00:00:00Z'))).toContain('0 drills of etcd, of which 0 have passed; 0 drills of the whole cluster, of which 0 have passed.');
  });
});

describe('the table of backups', () => {
  it('says what each holds, and of one of Velero\'s whether it is whole', () => {
    const objects = { of: 'objects' as const, at: '2026-11-29T02:17:00Z', errors: 0, sizeBytes: 2 * 2 ** 20, includedNamespaces: ['*'], excludedNamespaces: [], items: 120, files: true, expiresAt: null };

    expect(backupList([
      { id: 'etcd/1', of: 'etcd', at: '2026-11-29T10:03:11Z', sizeBytes: 2 ** 20, sha256: '', kubernetesRelease: '1.35.0', members: [] },
      { ...objects, id: 'velero/whole', state: 'completed' },
      { ...objects, id: 'velero/partial', state: 'partial', errors: 2, sizeBytes: null, files: false },
    ]).split('\n').slice(1).map((line) => line.trim().split(/  +/))).toEqual([
      ['etcd/1', '2026-11-29T10:03:11Z', 'etcd', '1.0 MiB', 'Kubernetes 1.35.0'],
      ['velero/whole', '2026-11-29T02:17:00Z', 'objects', '2.0 MiB', '120 objects with files of volumes'],
      ['velero/partial', '2026-11-29T02:17:00Z', 'objects', 'partial, 2 errors: 120 objects'],
    ]);
  });
});
