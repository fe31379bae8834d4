import { ClusterwrightError } from '../../../model/errors.js';
import { followedKeySchema, lastingTokensSchema, type FollowedKey } from '../../../model/service-account-key.js';
import { olderTokens, tokenPods } from '../../kubernetes/pod-tokens.js';
import type { OperationContext } from '../context.js';
import { tell } from '../kubernetes-made.js';
import { listed } from '../listed.js';
import { ordered } from '../orders.js';
import { awaitedLook } from '../upgrade/nodes.js';
import type { RotationContext } from './context.js';
import { restartPods } from './pods.js';
import { goThrough, stepMs, type Step } from './steps.js';

const task = 'service-account-key';

/** Whatever is cut off after whichever step, or in it: every API server, and who reads the issuer's documents, takes the tokens that any control plane signs. */
const beginning: readonly Step[] = [
  { name: 'add', does: 'add', told: 'There is a new key beside the old one.' },
  { name: 'trust', does: 'follow', told: 'Every API server takes tokens by either.' },
  { name: 'both', does: 'publish', told: 'Both are published for who checks tokens outside the cluster.' },
  { name: 'sign', does: 'sign', told: 'The new key is the one to sign with.' },
  { name: 'signs', does: 'follow', told: 'Every control plane signs with it.' },
];
const ending: readonly Step[] = [
  { name: 'drop', does: 'drop', told: 'The old key is taken away.' },
  { name: 'forget', does: 'follow', told: 'No API server takes a token by it any more.' },
  { name: 'one', does: 'publish', told: 'Only the new key is published.' },
];

/** Has all tokens signed with a new key, and those by the old one taken still. What of it an earlier job has done is found and left. */
export async function beginServiceAccountKey(context: RotationContext, nodes: readonly string[], signal: AbortSignal): Promise<void> {
  await goThrough(context, nodes, task, beginning, signal);
  const lasting = await lastingTokens(context, nodes, signal);
  if (lasting.length > 0) tell(context, 'warning', `${told(lasting)}: they have to be replaced by hand before the rotation is finished.`);
  tell(context, 'info', 'Kubelets give pods new tokens by and by, most within an hour; then the rotation can be finished without a pod having to begin anew.');
  context.report({ type: 'report', report: { kind: 'service-account-key', at: new Date().toISOString(), begun: true, lastingTokens: lasting } });
}

/**
 * Has nobody take the old key's tokens any more. Pods that may have one begin anew before. Throws, before anything is done, `rotation-not-begun` where a control plane signs with the old key still, and `lasting-tokens`.
 */
export async function finishServiceAccountKey(context: OperationContext, nodes: readonly string[], signal: AbortSignal): Promise<void> {
  const looks: FollowedKey[] = [];
  for (const node of nodes) looks.push(followedKeySchema.parse(await ordered(context, node, { task, step: 'look', arguments: ['follow'], limitMs: stepMs }, signal)));
  const stages = looks.map(({ stage }) => stage);
  if (stages.includes('trusted')) throw new ClusterwrightError('rotation-not-begun', `The old key of ${context.spec.name} signs still: the rotation has not come so far.`, { resource: context.spec.name });
  // Where one key is alone, an earlier job has come that far.
  if (stages.includes('signs')) {
    const lasting = await lastingTokens(context, nodes, signal);
    if (lasting.length > 0) throw new ClusterwrightError('lasting-tokens', `${told(lasting)}.`, { resource: lasting[0] ?? context.spec.name });
    await renewPods(context, Math.max(...looks.map(({ since }) => Date.parse(since))), signal);
  }
  await goThrough(context, nodes, task, ending, signal);
  context.report({ type: 'report', report: { kind: 'service-account-key', at: new Date().toISOString(), begun: false, lastingTokens: [] } });
}

async function lastingTokens(context: RotationContext, nodes: readonly string[], signal: AbortSignal): Promise<string[]> {
  const [first] = nodes;
  return first === undefined ? [] : lastingTokensSchema.parse(await ordered(context, first, { task, step: 'tokens', arguments: ['tokens'], limitMs: stepMs }, signal));
}

function told(secrets: readonly string[]): string {
  return `${secrets.length === 1 ? 'A Secret has a token' : `${secrets.length} Secrets have tokens`} by the old key, which nobody renews: ${listed(secrets)}`;
}

/** @param since from when on all control planes have signed with the new key, in milliseconds since 1970 */
async function renewPods(context: OperationContext, since: number, signal: AbortSignal): Promise<void> {
  const older = olderTokens(await awaitedLook(context, signal, tokenPods), since, Date.now());
  if (older === undefined) return;
  tell(context, 'info', `Until ${new Date(older.until).toISOString()} pods on ${older.nodes.length === 1 ? '1 node' : `${older.nodes.length} nodes`} may have tokens by the old key: they begin anew.`);
  await restartPods(context, 'New tokens', older.nodes, signal);
}
