import { ClusterwrightError } from '../../../model/errors.js';
import { healthOf, seenOf } from '../../kubernetes/health.js';
import type { Phase } from '../context.js';
import { lookAtCluster } from '../kubernetes.js';
import { listed } from '../listed.js';
import { pollWithin } from '../poll.js';

const limitMs = 15 * 60_000;
/** As many faults as an error names. */
const named = 8;

/** Waits until nodes are Ready, releases deployed and their workloads running, and records what it saw. */
export const verify: Phase = {
  limitMs: limitMs + 60_000,
  async run(context, signal) {
    let missing: readonly string[] = ['the API server does not answer'];
    const look = async (): Promise<true | undefined> => {
      const seen = await lookAtCluster(context, seenOf);
      if (seen === undefined) return undefined;
      const health = healthOf(seen, new Date());
      context.report({ type: 'observation', observation: health.observation });
      missing = health.missing;
      return missing.length === 0 ? true : undefined;
    };
    await pollWithin(limitMs, signal, look, () => new ClusterwrightError('verification-failed', `After ${limitMs / 60_000} minutes: ${listed(missing, named, '; ')}.`));
  },
};
