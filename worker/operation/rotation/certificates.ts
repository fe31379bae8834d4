import { z } from 'zod';
import { tell } from '../kubernetes-made.js';
import { ordered } from '../orders.js';
import type { RotationContext } from './context.js';

/** An API server that is told to end serves on until load balancers have turned away, then etcd and it start anew: two minutes, and longer on a machine that is busy. In milliseconds. */
const renewalMs = 20 * 60_000;

/** When each certificate of a control plane ends, as it answers. */
const endsSchema = z.record(z.string(), z.iso.datetime());

/**
 * Has one control plane after the other renew its certificates. Each looks first whether all members of etcd are well, and answers when they are so again and its API server is ready. The last one renews the provisioner's
 * certificate as well. What a job has had answered it does not ask for again, so one that is taken over begins with the node that the one before stood at.
 */
export async function renewCertificates(context: RotationContext, nodes: readonly string[], signal: AbortSignal): Promise<void> {
  for (const [index, node] of nodes.entries()) {
    const isLast = index === nodes.length - 1;
    const answer = await ordered(context, node, { task: 'renew-certificates', step: 'leaf', arguments: isLast ? ['access'] : [], limitMs: renewalMs }, signal);
    const ends = Object.values(endsSchema.parse(answer)).sort();
    tell(context, 'info', `${node} has new certificates${ends[0] === undefined ? '' : `, until ${ends[0]}`}.`);
    context.report({ type: 'progress', done: index + 1, total: nodes.length });
  }
  tell(context, 'info', 'The service has a new client certificate.');
}
