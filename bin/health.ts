import { stat } from 'node:fs/promises';
import http from 'node:http';
import https from 'node:https';
import path from 'node:path';
import { readSettings, type Settings } from '../model/settings.js';
import { livenessFile, longestSilenceMs } from './liveness.js';

// `node dist/bin/health.js api|worker`: ends with 0 where the process beside it, in the same container, does its work.
const settings = readSettings(process.env, process.cwd());
const healthy = process.argv[2] === 'worker' ? await workerLives(settings) : await apiAnswers(settings);
process.exit(healthy ? 0 : 1);

async function workerLives({ home }: Settings): Promise<boolean> {
  const touched = await stat(path.join(home, livenessFile)).then(({ mtimeMs }) => mtimeMs, () => 0);
  return Date.now() - touched < longestSilenceMs;
}

/** The certificate is for the name that callers know, and this asks by address: what is checked is that somebody answers. */
function apiAnswers({ host, port, http: { tls } }: Settings): Promise<boolean> {
  const address = { '0.0.0.0': '127.0.0.1', '::': '::1' }[host] ?? host;
  const options = { host: address, port, path: '/healthz', timeout: 4_000 };
  return new Promise((resolve) => {
    const answered = (response: http.IncomingMessage): void => resolve(response.statusCode === 200);
    const request = tls === undefined ? http.get(options, answered) : https.get({ ...options, rejectUnauthorized: false }, answered);
    request.on('timeout', () => request.destroy()).on('error', () => resolve(false));
  });
}
