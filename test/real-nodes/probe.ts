import { readFile } from 'node:fs/promises';
import { request } from 'node:https';
import { setTimeout as wait } from 'node:timers/promises';
import { parse } from 'yaml';
import { z } from 'zod';

const base64Schema = z.base64().transform((text) => Buffer.from(text, 'base64'));
const configSchema = z.object({
  clusters: z.tuple([z.object({ cluster: z.object({ server: z.url(), 'tls-server-name': z.string(), 'certificate-authority-data': base64Schema }) })]),
  users: z.tuple([z.object({ user: z.object({ 'client-certificate-data': base64Schema, 'client-key-data': base64Schema }) })]),
});

/** Somebody who asks again and again. */
export interface Probe {
  /** Ends it, and tells for how many milliseconds in all there was no answer. */
  stop(): Promise<number>;
}

/** Lists pods through a cluster's load balancer every tenth of a second, each time on a new connection. @param kubeconfig an administrator's, with certificates in it */
export async function startProbe(kubeconfig: string): Promise<Probe> {
  const { clusters: [{ cluster }], users: [{ user }] } = configSchema.parse(parse(await readFile(kubeconfig, 'utf8')));
  const { hostname: host, port } = new URL(cluster.server);
  const options = {
    host, port, servername: cluster['tls-server-name'], path: '/api/v1/namespaces/kube-system/pods?limit=1', agent: false, timeout: 1_000,
    ca: cluster['certificate-authority-data'], cert: user['client-certificate-data'], key: user['client-key-data'],
  } as const;
  const answers = (): Promise<boolean> => new Promise((resolve) => {
    const asked = request(options, (response) => {
      response.resume();
      response.once('end', () => resolve(response.statusCode === 200)).once('error', () => resolve(false));
    });
    asked.once('timeout', () => asked.destroy(new Error('no answer in time'))).once('error', () => resolve(false)).end();
  });
  if (!(await answers())) throw new Error(`there is no answer at ${host} before anything has happened`);
  let going = true;
  let failedMs = 0;
  const loop = (async () => {
    while (going) {
      const begun = Date.now();
      const well = await answers();
      await wait(Math.max(0, 100 - (Date.now() - begun)));
      if (!well) failedMs += Date.now() - begun;
    }
  })();
  return {
    async stop() {
      going = false;
      await loop;
      return failedMs;
    },
  };
}
