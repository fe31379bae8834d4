import { describe, expect, it } from 'vitest';
import { z } from 'zod';
import type { NodeOrder, OrderAnswer } from '../../../model/orders.js';
import { keysAfter } from '../../../sandbox/kubernetes/nodes/encryption-key.js';
import { serviceAccountKeyStep } from '../../../sandbox/kubernetes/nodes/service-account-key.js';
import { renewCertificates } from '../../../worker/operation/rotation/certificates.js';
import type { FromOperation } from '../../../worker/operation/protocol.js';
import type { RotationContext } from '../../../worker/operation/rotation/context.js';
import { replaceEncryptionKey } from '../../../worker/operation/rotation/encryption-key.js';
import { beginServiceAccountKey } from '../../../worker/operation/rotation/service-account-key.js';

const names = ['cp-1', 'cp-2', 'cp-3'];
const { signal } = new AbortController();
const namesOf = (content: string): string[] => content.split('\n').map((line) => line.split(':')[0] ?? '');

const tokenKeysSchema = z.object({ public: z.array(z.string()), private: z.array(z.string()) });
type TokenKeys = z.infer<typeof tokenKeysSchema>;

/** Control planes that do what they are ordered, the API servers of which write and read Secrets, and sign and check tokens, all the time. */
class ControlPlanes {
  keys = 'key1:first';
  readonly has = new Map(names.map((name) => [name, 'key1:first']));
  /** The keys that Secrets are written with. */
  secrets = new Set(['key1']);
  tokenKeys: string | undefined;
  readonly goesBy = new Map(names.map((name): [string, TokenKeys] => [name, { public: ['key1'], private: ['key1'] }]));
  published = ['key1'];
  readonly reports: FromOperation[] = [];
  readonly orders: string[] = [];
  readonly #answers = new Map<string, OrderAnswer>();

  /** @param cutAfter how many orders are carried out before the job is cut off; the last one's answer is lost with it */
  context(jobId: string, cutAfter = Number.POSITIVE_INFINITY): RotationContext {
    let given = 0;
    return {
      job: { id: jobId } as RotationContext['job'], report: (message) => void this.reports.push(message),
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
    const result = task === 'renew-certificates' ? { apiserver: '2027-11-29T10:00:00Z' } : task === 'service-account-key' ? this.#tokens(node, words) : null;
    this.#answers.set(node, { id, state: 'done', at: '2026-11-29T10:00:00Z', result, message: null });
  }

  #key(node: string, words: readonly string[]): void {
    this.keys = keysAfter(words, this.keys);
    if (words[0] === 'follow') this.has.set(node, this.keys);
    if (words[0] === 'rewrite') this.secrets = new Set(namesOf(this.has.get(node) ?? '').slice(0, 1));
    for (const keys of this.has.values()) this.secrets.add(namesOf(keys)[0] ?? '');
    for (const keys of this.has.values()) expect(namesOf(keys)).toEqual(expect.arrayContaining([...this.secrets]));
  }

  #tokens(node: string, words: readonly string[]): unknown {
    const { content, answer } = serviceAccountKeyStep(words, this.tokenKeys, 1000 + this.orders.length, 0);
    this.tokenKeys = content;
    const stored = tokenKeysSchema.parse(JSON.parse(content));
    if (words[0] === 'follow') this.goesBy.set(node, stored);
    if (words[0] === 'publish') this.published = this.goesBy.get(node)?.public ?? [];
    // A control plane that comes to be now has what is stored.
    const all = [...this.goesBy.values(), stored];
    const signing = all.map(({ private: [first = ''] }) => first);
    for (const taken of [...all.map((keys) => keys.public), this.published]) expect(taken).toEqual(expect.arrayContaining(['key1', ...signing]));
    return answer;
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

describe('a new key of service accounts\' tokens', () => {
  it('signs on every control plane in the end, wherever the job is cut off, and no token of either key is refused by anybody at any time', async () => {
    for (let cut = 1; cut <= 10; cut += 1) {
      for (const again of ['01JOB', '01TRY']) {
        const planes = new ControlPlanes();
        await expect(beginServiceAccountKey(planes.context('01JOB', cut), names, signal)).rejects.toThrow('cut off');
        await beginServiceAccountKey(planes.context(again), names, signal);
        const [fresh = ''] = planes.published.filter((key) => key !== 'key1');
        expect([...planes.goesBy.values()]).toEqual(names.map(() => expect.objectContaining({ public: [fresh, 'key1'], private: [fresh] }) as unknown));
        expect(planes.reports.at(-1)).toMatchObject({ report: { kind: 'service-account-key', begun: true, lastingTokens: [] } });
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
