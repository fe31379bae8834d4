import { ClusterwrightError } from '../../../model/errors.js';
import type { Receipt } from '../../../model/receipt.js';
import type { OperationContext, Phase } from '../context.js';
import { keptSecrets, scopeOf } from '../kubernetes-made.js';
import { pollWithin } from '../poll.js';
import { receiptOf } from '../receipt.js';

/** Tags of what was deleted are still found for a while: the index behind them follows the resources. */
const limitMs = 5 * 60_000;
const named = 5;
/** Kind of keys, which the cloud keeps for a while after their deletion. */
const keyKind = 'aws:kms/key:Key';

/** Looks for whatever is still there of the cluster, known to a state or not, and writes the receipt. */
export const scan: Phase = {
  limitMs: limitMs + 60_000,
  async run(context, signal) {
    let receipt = await look(context);
    if (receipt.leftovers.length > 0) {
      const again = async (): Promise<true | undefined> => {
        receipt = await look(context);
        return receipt.leftovers.length === 0 ? true : undefined;
      };
      await pollWithin(limitMs, signal, again, () => incomplete(receipt)).finally(() => context.report({ type: 'receipt', receipt }));
    } else {
      context.report({ type: 'receipt', receipt });
    }
  },
};

async function look(context: OperationContext): Promise<Receipt> {
  const before = context.states.infrastructure?.resources ?? [];
  const keys = before.filter(({ type }) => type === keyKind).flatMap(({ arn, id }) => arn ?? id ?? []);
  return receiptOf({
    before,
    search: await context.cloud.findRemains(scopeOf(context), keys),
    retain: context.job.intent.retain,
    keptSecrets: keptSecrets(context),
    at: new Date(),
  });
}

function incomplete({ leftovers }: Receipt): ClusterwrightError {
  const list = leftovers.slice(0, named).map(({ kind, id }) => `${kind} ${id}`).join(', ');
  return new ClusterwrightError('deletion-incomplete', `${leftovers.length} of the cluster's resources are still there: ${list}${leftovers.length > named ? ', …' : ''}.`, { resource: leftovers[0]?.id });
}
