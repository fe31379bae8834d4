import type { Command } from 'commander';
import { ClusterwrightClient } from '../client/index.js';
import { boundedFetch } from './bounded-fetch.js';
import { serviceUrl } from './settings.js';
import { tokenSource } from './sign-in/token-source.js';

/** What a command works with. */
export interface Context {
  readonly client: ClusterwrightClient;
  /** URL of the service. */
  readonly url: string;
  /** Aborts with the first Ctrl-C. */
  readonly signal: AbortSignal;
  /** Writes to standard output, which is for results alone. */
  readonly print: (text: string) => void;
  /** Writes a line to standard error, for people. */
  readonly say: (line: string) => void;
}

/** Gives a command its context, by its options and the environment. */
export type Open = (command: Command) => Context;

/** The context of commands that are interrupted by a signal. */
export function openContext(signal: AbortSignal): Open {
  return (command) => {
    const url = serviceUrl(command.optsWithGlobals<{ url?: string }>().url, process.env);
    return {
      client: new ClusterwrightClient({ url, token: tokenSource(url, process.env), fetch: boundedFetch }),
      url,
      signal,
      print: (text) => void process.stdout.write(text),
      say: (line) => void process.stderr.write(`${line}\n`),
    };
  };
}
