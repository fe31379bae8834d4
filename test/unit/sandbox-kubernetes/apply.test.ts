import { describe, expect, it } from 'vitest';
import { apply, bookUpdate, type Writer } from '../../../sandbox/kubernetes/api-server/apply.js';
import type { KubeObject } from '../../../sandbox/kubernetes/json.js';

const target = { group: 'apps', plural: 'deployments', name: 'web' };
const writer = (manager: string): Writer => ({ manager, time: '2026-01-01T00:00:00Z', custom: false });
const deployment = (spec: Record<string, unknown>, labels?: Record<string, string>): KubeObject => ({ apiVersion: 'apps/v1', kind: 'Deployment', metadata: { name: 'web', ...(labels === undefined ? {} : { labels }) }, spec });
const managers = (object: KubeObject): unknown[] => (object.metadata.managedFields ?? []).map((entry) => [entry['manager'], entry['operation']]);

describe('server-side apply', () => {
  it('removes a field that its manager applied before and leaves out now', () => {
    const first = apply(undefined, deployment({ replicas: 2, paused: true }, { a: '1', b: '2' }), writer('one'), false, target);
    const second = apply(first, deployment({ replicas: 2 }, { a: '1' }), writer('one'), false, target);

    expect(second['spec']).toEqual({ replicas: 2 });
    expect(second.metadata.labels).toEqual({ a: '1' });
    expect(managers(second)).toEqual([['one', 'Apply']]);
  });

  it('keeps a field that another manager owns as well', () => {
    const first = apply(undefined, deployment({ replicas: 2, paused: true }), writer('one'), false, target);
    const second = apply(first, deployment({ paused: true }), writer('two'), false, target);
    const third = apply(second, deployment({ replicas: 2 }), writer('one'), false, target);

    expect(third['spec']).toEqual({ replicas: 2, paused: true });
  });

  it('names every field that another manager set to another value', () => {
    const live = bookUpdate(undefined, deployment({ replicas: 2, template: { spec: { containers: [{ name: 'app', image: 'a:1' }] } } }), writer('kubectl'));

    expect(() => apply(live, deployment({ replicas: 3, template: { spec: { containers: [{ name: 'app', image: 'a:2' }] } } }), writer('one'), false, target)).toThrow(
      'Apply failed with 2 conflicts: conflict with "kubectl" using apps/v1: .spec.replicas, conflict with "kubectl" using apps/v1: .spec.template.spec.containers[name="app"].image');
  });

  it('takes the fields over when forced', () => {
    const live = bookUpdate(undefined, deployment({ replicas: 2 }), writer('kubectl'));
    const forced = apply(live, deployment({ replicas: 3 }), writer('one'), true, target);

    expect(forced['spec']).toEqual({ replicas: 3 });
    expect(managers(forced)).toEqual([['one', 'Apply']]);
  });

  it('does not conflict over equal values', () => {
    const live = bookUpdate(undefined, deployment({ replicas: 2 }), writer('kubectl'));

    expect(managers(apply(live, deployment({ replicas: 2 }), writer('one'), false, target))).toEqual([['kubectl', 'Update'], ['one', 'Apply']]);
  });

  it('merges keyed lists item by item and replaces other lists whole', () => {
    const containers = [{ name: 'app', image: 'a:1', args: ['x', 'y'] }, { name: 'side', image: 's:1' }];
    const live = apply(undefined, deployment({ template: { spec: { containers } } }), writer('one'), false, target);
    const next = apply(live, deployment({ template: { spec: { containers: [{ name: 'extra', image: 'e:1' }, { name: 'side', args: ['z'] }] } } }), writer('two'), false, target);

    expect(next['spec']).toEqual({ template: { spec: { containers: [containers[0], { name: 'side', image: 's:1', args: ['z'] }, { name: 'extra', image: 'e:1' }] } } });
  });

  it('removes a list item that its only manager leaves out', () => {
    const live = apply(undefined, deployment({ template: { spec: { containers: [{ name: 'app', image: 'a' }, { name: 'side', image: 's' }] } } }), writer('one'), false, target);
    const next = apply(live, deployment({ template: { spec: { containers: [{ name: 'app', image: 'a' }] } } }), writer('one'), false, target);

    expect(next['spec']).toEqual({ template: { spec: { containers: [{ name: 'app', image: 'a' }] } } });
  });

  it('replaces lists of custom resources whole', () => {
    const custom = { ...writer('one'), custom: true };
    const live = apply(undefined, deployment({ containers: [{ name: 'a' }, { name: 'b' }] }), custom, false, target);
    const next = apply(live, deployment({ containers: [{ name: 'c' }] }), custom, false, target);

    expect(next['spec']).toEqual({ containers: [{ name: 'c' }] });
  });
});

describe('an update that is no apply', () => {
  it('takes what it changes away from who applied it', () => {
    const applied = apply(undefined, deployment({ replicas: 2, paused: true }), writer('one'), false, target);
    const edited = bookUpdate(applied, { ...applied, spec: { replicas: 5, paused: true } }, writer('kubectl-edit'));

    expect(managers(edited)).toEqual([['one', 'Apply'], ['kubectl-edit', 'Update']]);
    expect(() => apply(edited, deployment({ replicas: 2, paused: true }), writer('one'), false, target)).toThrow('conflict with "kubectl-edit" using apps/v1: .spec.replicas');
  });
});
