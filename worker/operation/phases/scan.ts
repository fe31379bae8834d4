import { ClusterwrightError } from '../../../model/errors.js';
import type { Receipt } from '../../../model/receipt.js';
import type { OperationContext, Phase } from '../context.js';
import { scopeOf } from '../kubernetes-made.js';
import { holdsWithin } from '../poll.js';
import { receiptOf } from '../receipt.js';

/** Tags of what was deleted are still found for a while: the index behind them follows the resources. */
const limitMs = 5 * 60_000;
const named = 5;

/** Looks for whatever is still there of the cluster, known to a state or not, and writes the receipt. */
export const scan: Phase = {
  limitMs: limitMs + 60_000,
  async run(context, signal) {
    let last: Look | undefined;
    const settled = async (): Promise<boolean> => {
      last = await look(context);
      return !last.doubtful;
    };
    await holdsWithin(limitMs, signal, settled).finally(() => {
      if (last !== undefined) context.report({ type: 'receipt', receipt: last.receipt });
    });
    if (last !== undefined && last.receipt.leftovers.length > 0) throw incomplete(last.receipt);
  },
};

interface Look {
  readonly receipt: Receipt;
  /** Whether a leftover was seen in an index only, and may be gone. */
  readonly doubtful: boolean;
}

async function look(context: OperationContext): Promise<Look> {
  const before = context.states.infrastructure?.resources ?? [];
  const search = await context.cloud.findRemains(scopeOf(context), before);
  const receipt = receiptOf({ before, search, retain: context.job.intent.retain, at: new Date() });
  const fromIndex = new Set(search.found.filter((resource) => resource.fromIndex === true).map(({ id }) => id));
  return { receipt, doubtful: receipt.leftovers.some(({ id }) => fromIndex.has(id)) };
}

function incomplete({ leftovers }: Receipt): ClusterwrightError {
  const list = leftovers.slice(0, named).map(({ kind, id }) => `${kind} ${id}`).join(', ');
  return new ClusterwrightError('deletion-incomplete', `${leftovers.length} of the cluster's resources are still there: ${list}${leftovers.length > named ? ', …' : ''}.`, { resource: leftovers[0]?.id });
}
