import { describe, expect, it } from 'vitest';
import type { Plan } from '../../../client/index.js';
import { formatDuration, parseDuration } from '../../../cli/durations.js';
import { changedFields, planRows } from '../../../cli/output/plan.js';
import { columns, properties } from '../../../cli/output/table.js';

describe('durations', () => {
  it.each([['45s', 45_000], ['90m', 5_400_000], ['1h30m', 5_400_000], ['2d', 172_800_000]])('reads %s', (text, milliseconds) => {
    expect(parseDuration(text)).toBe(milliseconds);
  });

  it.each(['', '5', 'm', '1h 30m', '-5s', '1.5h'])('does not take %j for one', (text) => {
    expect(parseDuration(text)).toBeUndefined();
  });

  it.each([[0, '0 s'], [64_000, '1 min 4 s'], [3_600_000, '1 h'], [90_061_000, '1 d 1 h']])('writes %d as %s', (milliseconds, text) => {
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
