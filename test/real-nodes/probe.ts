import { readFile } from 'node:fs/promises';
import { request } from 'node:https';
import { setTimeout as wait } from 'node:timers/promises';
import { parse } from 'yaml';
import { z } from 'zod';

const base64Schema = z.base64().transform((text) => Buffer.from(text, 'base64'));
const configSchema = z.object({
  clusters: z.tuple([z.object({ cluster: z.object({ server: z.url(), 'tls-server-name': z.string(), 'certificate-authority-data': base64Schema }) })]),
  users: z.tuple([z.object({ user: z.union([z.object({ 'client-certificate-data': base64Schema, 'client-key-data': base64Schema }), z.object({ token: z.string() })]) })]),
});

/** Somebody who asks again and again. */
export interface Probe {
  /** Ends it, and tells for how many milliseconds in all there was no answer. When that was, and why, goes to standard error. */
  stop(): Promise<number>;
}

/**
 * Lists pods through a cluster's load balancer every tenth of a second, each time on a new connection.
 * @param kubeconfig of somebody who may do that, with a certificate or a token in it
 * @param patienceMs how long it waits for an answer, in milliseconds
 */
export async function startProbe(kubeconfig: string, patienceMs = 1_000): Promise<Probe> {
  const { clusters: [{ cluster }], users: [{ user }] } = configSchema.parse(parse(await readFile(kubeconfig, 'utf8')));
  const { hostname: host, port } = new URL(cluster.server);
  const options = {
    host, port, servername: cluster['tls-server-name'], path: '/api/v1/namespaces/kube-system/pods?limit=1', agent: false, timeout: patienceMs,
    ca: cluster['certificate-authority-data'],
    ...('token' in user ? { headers: { authorization: `Bearer ${user.token}` } } : { cert: user['client-certificate-data'], key: user['client-key-data'] }),
  };
  const fault = (): Promise<string | undefined> => new Promise((resolve) => {
    const failed = (error: Error): void => resolve(error.message);
    const asked = request(options, (response) => {
      response.resume();
      response.once('end', () => resolve(response.statusCode === 200 ? undefined : `status ${response.statusCode}`)).once('error', failed);
    });
    asked.once('timeout', () => asked.destroy(new Error('no answer in time'))).once('error', failed).end();
  });
  const first = await fault();
  if (first !== undefined) throw new Error(`there is no answer at ${host} before anything has happened: ${first}`);
  let going = true;
  let failedMs = 0;
  const spells: Spell[] = [];
  const loop = (async () => {
    while (going) {
      const begun = Date.now();
      const reason = await fault();
      await wait(Math.max(0, 100 - (Date.now() - begun)));
      if (reason === undefined) continue;
      failedMs += Date.now() - begun;
      note(spells, begun, reason);
    }
  })();
  return {
    async stop() {
      going = false;
      await loop;
      for (const { from, until, reasons } of spells) process.stderr.write(`no answer within ${new Date(from).toISOString()} and ${((until - from) / 1000).toFixed(1)} s: ${[...reasons].map(([reason, count]) => `${count} × ${reason}`).join(', ')}\n`);
      return failedMs;
    },
  };
}

/** A time in which answers were missing, with at most as many milliseconds between two that were. */
interface Spell {
  readonly from: number;
  until: number;
  readonly reasons: Map<string, number>;
}
const spellGapMs = 10_000;

function note(spells: Spell[], begun: number, reason: string): void {
  const last = spells.at(-1);
  const now = Date.now();
  const spell = last !== undefined && begun - last.until <= spellGapMs ? last : { from: begun, until: now, reasons: new Map<string, number>() };
  if (spell !== last) spells.push(spell);
  spell.until = now;
  spell.reasons.set(reason, (spell.reasons.get(reason) ?? 0) + 1);
}
