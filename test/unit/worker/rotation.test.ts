import { describe, expect, it } from 'vitest';
import type { NodeOrder, OrderAnswer } from '../../../model/orders.js';
import { keysAfter } from '../../../sandbox/kubernetes/nodes/encryption-key.js';
import { renewCertificates } from '../../../worker/operation/rotation/certificates.js';
import type { RotationContext } from '../../../worker/operation/rotation/context.js';
import { replaceEncryptionKey } from '../../../worker/operation/rotation/encryption-key.js';

const names = ['cp-1', 'cp-2', 'cp-3'];
const { signal } = new AbortController();
const namesOf = (content: string): string[] => content.split('\n').map((line) => line.split(':')[0] ?? '');

/** Control planes that do what they are ordered, the API servers of which write and read Secrets all the time. */
class ControlPlanes {
  keys = 'key1:first';
  readonly has = new Map(names.map((name) => [name, 'key1:first']));
  /** The keys that Secrets are written with. */
  secrets = new Set(['key1']);
  readonly orders: string[] = [];
  readonly #answers = new Map<string, OrderAnswer>();

  /** @param cutAfter how many orders are carried out before the job is cut off; the last one's answer is lost with it */
  context(jobId: string, cutAfter = Number.POSITIVE_INFINITY): RotationContext {
    let given = 0;
    return {
      job: { id: jobId } as RotationContext['job'], report: () => undefined,
      cloud: {
        nodeSteps: () => Promise.resolve([]),
        orderOf: () => Promise.resolve(undefined),
        orderAnswer: (node) => Promise.resolve(this.#answers.get(node)),
        giveOrder: (node, order) => {
          given += 1;
          this.#carryOut(node, order);
          return given >= cutAfter ? Promise.reject(new Error('cut off')) : Promise.resolve();
        },
      },
    };
  }

  #carryOut(node: string, { id, task, arguments: words }: NodeOrder): void {
    this.orders.push(`${node} ${[task, ...words].join(' ')}`);
    if (task === 'encryption-key') this.#key(node, words);
    this.#answers.set(node, { id, state: 'done', at: '2026-11-29T10:00:00Z', result: task === 'renew-certificates' ? { apiserver: '2027-11-29T10:00:00Z' } : null, message: null });
  }

  #key(node: string, words: readonly string[]): void {
    this.keys = keysAfter(words, this.keys);
    if (words[0] === 'follow') this.has.set(node, this.keys);
    if (words[0] === 'rewrite') this.secrets = new Set(namesOf(this.has.get(node) ?? '').slice(0, 1));
    for (const keys of this.has.values()) this.secrets.add(namesOf(keys)[0] ?? '');
    for (const keys of this.has.values()) expect(namesOf(keys)).toEqual(expect.arrayContaining([...this.secrets]));
  }
}

describe('a new key for what etcd holds', () => {
  it('ends with that key alone, on every control plane and in every Secret', async () => {
    const planes = new ControlPlanes();
    await replaceEncryptionKey(planes.context('01JOB'), names, signal);
    expect([...planes.has.values()].map(namesOf)).toEqual(names.map(() => ['key-01job']));
    expect(planes.secrets).toEqual(new Set(['key-01job']));
  });

  it('leaves every Secret readable wherever it is cut off, goes on from there, and gives way to another try', async () => {
    for (let cut = 1; cut <= 13; cut += 1) {
      for (const [again, final] of [['01JOB', 'key-01job'], ['01TRY', 'key-01try']] as const) {
        const planes = new ControlPlanes();
        await expect(replaceEncryptionKey(planes.context('01JOB', cut), names, signal)).rejects.toThrow('cut off');
        await replaceEncryptionKey(planes.context(again), names, signal);
        expect([...planes.has.values()].map(namesOf)).toEqual(names.map(() => [final]));
        expect(planes.secrets).toEqual(new Set([final]));
      }
    }
  });
});

describe('new certificates', () => {
  it('come to one control plane after the other, and not twice to one whose answer is there when the job is taken over', async () => {
    const planes = new ControlPlanes();
    await expect(renewCertificates(planes.context('01JOB', 2), names, signal)).rejects.toThrow('cut off');
    await renewCertificates(planes.context('01JOB'), names, signal);
    expect(planes.orders).toEqual(['cp-1 renew-certificates', 'cp-2 renew-certificates', 'cp-3 renew-certificates access']);
  });
});
