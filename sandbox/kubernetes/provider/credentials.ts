import { execFile } from 'node:child_process';
import { z } from 'zod';
import type { ClusterAccess, ExecPlugin } from './kubeconfig.js';

const answerSchema = z.object({
  apiVersion: z.literal('client.authentication.k8s.io/v1'),
  kind: z.literal('ExecCredential'),
  status: z.object({ clientCertificateData: z.string().optional(), clientKeyData: z.string().optional(), token: z.string().optional(), expirationTimestamp: z.iso.datetime({ offset: true }).optional() }),
});

/** What a connection authenticates with. Equal objects are the same credential. */
export interface Credential {
  certificate?: string;
  key?: string;
  token?: string;
}

interface Cached {
  credential: Promise<Credential>;
  /** Milliseconds; undefined while it is fetched. */
  expires: number | undefined;
}

const earlyMs = 60_000;
const timeoutMs = 60_000;

/**
 * Credentials of exec plugins, shared by all sessions of the process: a plugin runs once, however many ask, and again shortly before what it gave
 * expires.
 */
export class Credentials {
  private readonly cache = new Map<string, Cached>();

  /** @param environment what plugins get on top of this process's environment. */
  constructor(private readonly environment: Readonly<Record<string, string>>) {}

  /** The credential of a cluster's user. @throws Error when the plugin fails; its output is never part of the message. */
  get(user: ClusterAccess['user']): Promise<Credential> {
    if (!('exec' in user)) return Promise.resolve(user);
    const key = JSON.stringify(user.exec);
    const cached = this.cache.get(key);
    if (cached !== undefined && (cached.expires === undefined || Date.now() < cached.expires - earlyMs)) return cached.credential;
    const entry: Cached = { credential: Promise.resolve({}), expires: undefined };
    entry.credential = runPlugin(user.exec, this.environment).then(({ credential, expires }) => {
      entry.expires = expires;
      return credential;
    }, (error: unknown) => {
      if (this.cache.get(key) === entry) this.cache.delete(key);
      throw error;
    });
    this.cache.set(key, entry);
    return entry.credential;
  }

  /** Forgets a credential that the server refused, unless it has been renewed meanwhile. */
  async refuse(user: ClusterAccess['user'], credential: Credential): Promise<void> {
    if (!('exec' in user)) return;
    const key = JSON.stringify(user.exec);
    const cached = this.cache.get(key);
    if (cached !== undefined && (await cached.credential) === credential && this.cache.get(key) === cached) this.cache.delete(key);
  }
}

async function runPlugin(plugin: ExecPlugin, environment: Readonly<Record<string, string>>): Promise<{ credential: Credential; expires: number }> {
  const info = { apiVersion: plugin.apiVersion, kind: 'ExecCredential', spec: { interactive: false } };
  const own = Object.fromEntries((plugin.env ?? []).map(({ name, value }) => [name, value]));
  const output = await new Promise<string>((resolve, reject) => {
    execFile(plugin.command, plugin.args, { env: { ...process.env, ...environment, ...own, KUBERNETES_EXEC_INFO: JSON.stringify(info) }, timeout: timeoutMs }, (error, stdout, stderr) => {
      if (error === null) resolve(stdout);
      else reject(new Error(`getting credentials: exec: executable ${plugin.command} failed with exit code ${String(error.code ?? error.signal)}: ${lastLine(stderr)}`));
    });
  });
  const parsed = answerSchema.safeParse(parseJson(output));
  if (!parsed.success) throw new Error(`getting credentials: ${plugin.command} did not print an ExecCredential`);
  const { clientCertificateData: certificate, clientKeyData: key, token, expirationTimestamp } = parsed.data.status;
  if (token === undefined && (certificate === undefined || key === undefined)) throw new Error(`getting credentials: ${plugin.command} printed neither a client certificate nor a token`);
  return { credential: { certificate, key, token }, expires: expirationTimestamp === undefined ? Number.POSITIVE_INFINITY : Date.parse(expirationTimestamp) };
}

function lastLine(text: string): string {
  return text.trim().split('\n').at(-1)?.slice(0, 500) ?? '';
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
