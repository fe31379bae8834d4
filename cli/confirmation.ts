import { createInterface } from 'node:readline/promises';
import type { Context } from './context.js';
import { exitCodes } from './exit-codes.js';
import { CommandFailure } from './failure.js';

/**
 * Has somebody at a terminal type a cluster's name before something that cannot be taken back.
 * @param what what would happen, as a sentence
 * @throws CommandFailure where nobody can be asked, or something else was typed
 */
export async function confirmed({ signal }: Context, name: string, what: string): Promise<void> {
  if (!process.stdin.isTTY || !process.stderr.isTTY) throw new CommandFailure(exitCodes.refused, `Nobody can be asked whether this is meant: ${what}`, 'Say so with --yes.');
  process.stderr.write(`${what}\n`);
  const questions = createInterface({ input: process.stdin, output: process.stderr });
  // The terminal is in raw mode while it asks, so that Ctrl-C comes here and not as a signal.
  const stopped = new AbortController();
  questions.on('SIGINT', () => stopped.abort());
  try {
    const typed = await questions.question('Type its name to go on: ', { signal: AbortSignal.any([signal, stopped.signal]) }).catch(() => '');
    if (typed.trim() !== name) throw new CommandFailure(exitCodes.refused, `That is not "${name}": nothing was done.`);
  } finally {
    questions.close();
  }
}
