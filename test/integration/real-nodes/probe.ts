import { readFile } from 'node:fs/promises';
import { request } from 'node:https';
import { setTimeout as wait } from 'node:timers/promises';

/** Somebody who asks again and again. */
export interface Probe {
  /** Ends it, and tells for how many milliseconds in all there was no answer. */
  stop(): Promise<number>;
}

/** Lists pods through a cluster's load balancer every tenth of a second, each time on a new connection. @param kubeconfig an administrator's, with certificates in it */
export async function startProbe(kubeconfig: string): Promise<Probe> {
  const config = await readFile(kubeconfig, 'utf8');
  const field = (name: string): Buffer => Buffer.from(new RegExp(`${name}: ([A-Za-z0-9+/=]+)`).exec(config)?.[1] ?? '', 'base64');
  const [, host = '', servername = ''] = /server: https:\/\/([\d.]+):6443\n\s+tls-server-name: (\S+)/.exec(config) ?? [];
  const options = {
    host, port: 6443, servername, path: '/api/v1/namespaces/kube-system/pods?limit=1', agent: false, timeout: 1_000,
    ca: field('certificate-authority-data'), cert: field('client-certificate-data'), key: field('client-key-data'),
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
