import { describe, expect, it } from 'vitest';
import { restoreStep, type NodeOrder, type OrderAnswer } from '../../../model/orders.js';
import type { RestoreContext } from '../../../worker/operation/etcd-restore.js';
import { isRestoreBegun, restoreEtcd, settleRestore } from '../../../worker/operation/etcd-restore.js';
import { ordered } from '../../../worker/operation/orders.js';
import { codeOf } from '../../support/codes.js';
import { someCluster, someJob } from '../../support/records.js';

const names = ['cp-1', 'cp-2', 'cp-3'];
const from = 'etcd/2026-11-29T10-03-11Z';
const { cluster } = someCluster('demo');
const never = new AbortController().signal;

/** Control planes that do what they are ordered, but for what `fails` names, as `cp-2 stop`. */
class ControlPlanes {
  readonly orders = new Map<string, NodeOrder>();
  readonly answers = new Map<string, OrderAnswer>();
  /** What was done, in order: `cp-1 stop`. */
  readonly done: string[] = [];
  fails: readonly string[] = [];
  members = names;
  /** Called before an order is given. */
  before: (did: string) => void = () => undefined;

  context(job = someJob('restore', cluster), attempt = 1, cancelled = false): RestoreContext {
    return {
      job: { ...job, attempt, cancellation: cancelled ? { requestedAt: job.createdAt, force: false } : null }, spec: cluster.spec, report: () => undefined,
      cloud: {
        nodeSteps: () => Promise.resolve([...names, 'cp-surplus'].map((node, index) => ({ node, role: 'control-plane' as const, pool: null, index: index + 1, step: 'joined' as const, at: job.createdAt, message: null }))),
        etcdSnapshots: () => Promise.resolve([{ id: from, of: 'etcd' as const, at: job.createdAt, sizeBytes: 1, sha256: '', kubernetesRelease: '1.35.0', members: this.members }]),
        orderOf: (node) => Promise.resolve(this.orders.get(node)),
        orderAnswer: (node) => Promise.resolve(this.answers.get(node)),
        giveOrder: (node, order) => {
          const did = [node, ...order.arguments.filter((word) => word !== from).map((word) => (word === job.id ? 'ID' : word))].join(' ');
          this.before(did);
          this.orders.set(node, order);
          this.done.push(did);
          const failed = this.fails.includes(did);
          this.answers.set(node, { id: order.id, state: failed ? 'failed' : 'done', at: job.createdAt, result: null, message: failed ? 'it does not' : null });
          return Promise.resolve();
        },
      },
    };
  }

  /** The steps that were done on all, in order, each once. */
  get steps(): string[] {
    return [...new Set(this.done.map((did) => did.slice('cp-1 '.length)))];
  }

  /** As if the worker died when this was to be ordered. */
  dieAt(did: string): void {
    let dead = false;
    this.before = (now) => {
      dead ||= now === did;
      if (dead) throw new Error('killed');
    };
  }
}

describe('taking etcd back', () => {
  it('goes step by step, each on all control planes before the next', async () => {
    const planes = new ControlPlanes();

    await restoreEtcd(planes.context(), from, never);

    expect(planes.done).toEqual(['prepare ID', 'stop', 'start ID'].flatMap((step) => names.map((node) => `${node} ${step}`)));
  });

  it('refuses a backup that is gone, or of other control planes, before anything is ordered', async () => {
    const planes = new ControlPlanes();
    expect(await codeOf(() => restoreEtcd(planes.context(), 'etcd/another', never))).toMatchObject({ code: 'backup-unusable' });
    planes.members = ['cp-1', 'cp-2', 'cp-4'];
    expect(await codeOf(() => restoreEtcd(planes.context(), from, never))).toMatchObject({ code: 'backup-unusable' });
    expect(planes.done).toEqual([]);
  });

  it('goes on in another attempt where the first died, and saves and prepares nothing again', async () => {
    for (const [death, left] of [['cp-2 stop', ['cp-2 stop', 'cp-3 stop', 'cp-1 start ID', 'cp-2 start ID', 'cp-3 start ID']], ['cp-3 start ID', ['cp-3 start ID']]] as const) {
      const planes = new ControlPlanes();
      const job = someJob('restore', cluster);
      planes.dieAt(death);
      await expect(restoreEtcd(planes.context(job), from, never)).rejects.toThrow('killed');
      planes.before = () => undefined;
      planes.done.length = 0;

      const second = planes.context(job, 2);
      await settleRestore(second, never);
      expect(await isRestoreBegun(second)).toBe(true);
      await restoreEtcd(second, from, never);

      expect(planes.done).toEqual(left);
    }
  });

  it('ends with the interruption before the control planes stop, and after that only when they run again', async () => {
    for (const [at, steps] of [['cp-3 prepare ID', ['prepare ID']], ['cp-1 stop', ['prepare ID', 'stop', 'start ID']]] as const) {
      const planes = new ControlPlanes();
      const interrupt = new AbortController();
      planes.before = (did) => {
        if (did === at) interrupt.abort();
      };

      await expect(restoreEtcd(planes.context(), from, interrupt.signal)).rejects.toThrow(expect.objectContaining({ name: 'AbortError' }));

      expect(planes.steps).toEqual(steps);
    }
  });

  it('starts all again with what they had where one cannot be stopped, and fails', async () => {
    const planes = new ControlPlanes();
    planes.fails = ['cp-2 stop'];

    expect(await codeOf(() => restoreEtcd(planes.context(), from, never))).toMatchObject({ code: 'order-failed' });

    expect(planes.steps).toEqual(['prepare ID', 'stop', 'start']);
  });

  it('goes on without a control plane that does not start, as long as a majority does', async () => {
    const planes = new ControlPlanes();
    planes.fails = ['cp-2 start ID'];
    await restoreEtcd(planes.context(), from, never);

    planes.fails = ['cp-2 start ID', 'cp-3 start ID'];
    expect(await codeOf(() => restoreEtcd(planes.context(), from, never))).toMatchObject({ code: 'order-failed' });
  });
});

describe('control planes that a restore has left stopped', () => {
  /** A restore whose worker died when this was to be ordered. */
  async function leftAt(death: string) {
    const planes = new ControlPlanes();
    const job = someJob('restore', cluster);
    planes.dieAt(death);
    await expect(restoreEtcd(planes.context(job), from, never)).rejects.toThrow('killed');
    planes.before = () => undefined;
    planes.done.length = 0;
    return { planes, job };
  }

  it('are started by the next attempt at a job that was cancelled meanwhile: as they were, or with the backup where one has it', async () => {
    for (const [death, word] of [['cp-3 stop', 'start'], ['cp-2 start ID', 'start ID']] as const) {
      const { planes, job } = await leftAt(death);
      const context = planes.context(job, 2, true);

      for (const _ of [1, 2]) await settleRestore(context, never);

      expect(planes.done).toEqual(names.map((node) => `${node} ${word}`));
    }
  });

  it('are started by any later job, with the data of that restore, and ordered nothing else until then', async () => {
    const { planes, job } = await leftAt('cp-2 start ID');
    const repair = planes.context(someJob('repair', cluster));
    expect(await codeOf(() => ordered(repair, 'cp-2', { task: 'etcd-snapshot', step: 'snapshot', limitMs: 1000 }, never))).toMatchObject({ code: 'order-failed' });

    await settleRestore(repair, never);

    expect(planes.done).toEqual(names.map((node) => `${node} start ${job.id}`));
    await ordered(repair, 'cp-2', { task: 'etcd-snapshot', step: 'snapshot', limitMs: 1000 }, never);
    expect([...planes.orders.values()].map(restoreStep)).toEqual(['start', undefined, 'start']);
  });

  it('are none where no restore was begun, or only data were prepared', async () => {
    const { planes } = await leftAt('cp-1 stop');
    for (const ground of [planes, new ControlPlanes()]) {
      await settleRestore(ground.context(someJob('repair', cluster)), never);
      expect(ground.done).toEqual([]);
    }
  });
});
