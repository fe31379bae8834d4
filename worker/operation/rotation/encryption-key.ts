import { tell } from '../kubernetes-made.js';
import { ordered } from '../orders.js';
import type { RotationContext } from './context.js';

/** An API server looks at its keys every minute. In milliseconds, with a wide margin. */
const followMs = 10 * 60_000;
/** Every Secret of the cluster is read and written once. In milliseconds. */
const rewriteMs = 2 * 3_600_000;

/** One thing that is done about the keys: by one control plane for all, or by each for itself. */
interface Step {
  readonly name: string;
  /** `each` follows to where the new key is to stand. */
  readonly does: 'add' | 'first' | 'rewrite' | 'only' | { readonly each: 'among' | 'first' | 'only' };
  readonly told: string;
}

/**
 * Whatever is cut off after whichever step, or in it: every API server reads what any other writes, and what etcd holds. A node has followed when its API server has said that it goes by its keys, so nobody writes with a key
 * before all read with it, and none leaves before nothing is written with it any more.
 */
const steps: readonly Step[] = [
  { name: 'add', does: 'add', told: 'There is a new key.' },
  { name: 'read', does: { each: 'among' }, told: 'Every API server reads with the new key.' },
  { name: 'first', does: 'first', told: 'The new key is the one to write with.' },
  { name: 'write', does: { each: 'first' }, told: 'Every API server writes with the new key.' },
  { name: 'rewrite', does: 'rewrite', told: 'Every Secret is written with the new key.' },
  { name: 'only', does: 'only', told: 'The old key is taken away.' },
  { name: 'forget', does: { each: 'only' }, told: 'No API server has the old key any more.' },
];

/**
 * Gives etcd's contents a new key. The key is named after the job: a job that is taken over goes through the steps again, and each finds what is done. Keys that an earlier rotation has left go with the old one.
 */
export async function replaceEncryptionKey(context: RotationContext, nodes: readonly string[], signal: AbortSignal): Promise<void> {
  const key = `key-${context.job.id.toLowerCase()}`;
  for (const [index, { name, does, told }] of steps.entries()) {
    const [by, words] = typeof does === 'string' ? [nodes.slice(0, 1), [does, key]] : [nodes, ['follow', key, does.each]];
    await Promise.all(by.map((node) => ordered(context, node, { task: 'encryption-key', step: name, arguments: words, limitMs: does === 'rewrite' ? rewriteMs : followMs }, signal)));
    tell(context, 'info', told);
    context.report({ type: 'progress', done: index + 1, total: steps.length });
  }
}
