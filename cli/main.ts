#!/usr/bin/env node
import { exitCodes } from './exit-codes.js';
import { describeFailure } from './failure.js';
import { createProgram } from './program.js';

const interruption = new AbortController();
for (const signal of ['SIGINT', 'SIGTERM'] as const) {
  process.on(signal, () => {
    if (interruption.signal.aborted) process.exit(exitCodes.interrupted);
    interruption.abort();
  });
}
// Whoever reads the output may have enough of it, as `head` does.
process.stdout.on('error', (error: NodeJS.ErrnoException) => {
  if (error.code === 'EPIPE') process.exit(exitCodes.done);
  throw error;
});

try {
  await createProgram(interruption.signal).parseAsync();
} catch (error) {
  const { text, exitCode } = describeFailure(error);
  const interrupted = interruption.signal.aborted && exitCode === exitCodes.unexpected;
  const said = interrupted ? 'Interrupted.' : text;
  if (said !== '') process.stderr.write(`${said}\n`);
  process.exitCode = interrupted ? exitCodes.interrupted : exitCode;
}
