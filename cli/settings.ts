import { readFile } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { exitCodes } from './exit-codes.js';
import { CommandFailure } from './failure.js';

/** Variables of the environment, by name. */
export type Environment = Readonly<Record<string, string | undefined>>;

/** A variable, where it is set to something. */
export function variable(environment: Environment, name: string): string | undefined {
  const value = environment[name];
  return value === undefined || value === '' ? undefined : value;
}

/** URL of the service, without a slash at its end: as given, or `CLUSTERWRIGHT_URL`, or a service on this machine. */
export function serviceUrl(given: string | undefined, environment: Environment): string {
  const text = given ?? variable(environment, 'CLUSTERWRIGHT_URL') ?? 'http://127.0.0.1:8080';
  const url = URL.canParse(text) ? new URL(text) : undefined;
  if (url === undefined || !/^https?:$/.test(url.protocol) || url.username !== '' || url.password !== '' || url.search !== '' || url.hash !== '') {
    throw new CommandFailure(exitCodes.refused, `"${url?.password ? 'The URL' : text}" is not the address of a service, such as https://clusterwright.example.com.`);
  }
  return `${url.origin}${url.pathname}`.replace(/\/+$/, '');
}

/** Throws where what is sent to a URL could be read on its way. @param what is sent, as in "A token" */
export function refuseInTheClear(url: string, what: string): void {
  const { protocol, hostname } = new URL(url);
  if (protocol === 'https:' || /^(127\.\d+\.\d+\.\d+|localhost|\[::1\])$/.test(hostname)) return;
  throw new CommandFailure(exitCodes.refused, `${what} is not sent to ${url}: it could be read on its way.`, 'Use an https address.');
}

/** Folder of what is kept between commands, which nobody else may read. */
export function configurationFolder(environment: Environment): string {
  return path.join(variable(environment, 'XDG_CONFIG_HOME') ?? path.join(os.homedir(), '.config'), 'clusterwright');
}

/** A secret of the environment: the variable `NAME`, or what is in the file that `NAME_FILE` names. No secret is taken from an argument, since those can be seen in lists of processes. */
export async function secret(environment: Environment, name: string): Promise<string | undefined> {
  const file = variable(environment, `${name}_FILE`);
  if (file === undefined) return variable(environment, name);
  try {
    return (await readFile(file, 'utf8')).trim();
  } catch (error) {
    throw new CommandFailure(exitCodes.refused, `${name}_FILE cannot be read: ${error instanceof Error ? error.message : String(error)}`);
  }
}
