import { mkdtemp, rm } from 'node:fs/promises';
import { request } from 'node:https';
import os from 'node:os';
import path from 'node:path';
import { Journal } from '../../../sandbox/inventory/journal.js';
import { ApiServer } from '../../../sandbox/kubernetes/api-server/server.js';
import { ClusterApi, type Controllers } from '../../../sandbox/kubernetes/api-server/cluster-api.js';
import type { ClusterTimings } from '../../../sandbox/kubernetes/api-server/context.js';
import { CertificateAuthority, type KeyPair } from '../../../sandbox/kubernetes/pki.js';

export interface Reply {
  status: number;
  // Bodies of any kind: the tests compare them by shape.
  body: Record<string, unknown> & { metadata?: Record<string, unknown>; message?: string; items?: { metadata: { name: string } }[] };
}

/** A running API server for a test, with an administrator's certificate. */
export interface TestCluster {
  port: number;
  authority: CertificateAuthority;
  admin: KeyPair;
  api: ClusterApi;
  /** Skips time of the cluster's clock. */
  advance(milliseconds: number): void;
  call(method: string, path: string, body?: unknown, options?: { type?: string; client?: KeyPair | null }): Promise<Reply>;
  /** Stops the server and starts it again from what is on disk. */
  restart(): Promise<void>;
  stop(): Promise<void>;
}

export async function startCluster(timings: ClusterTimings = { workloadStart: 0, namespaceEnd: 0 }, controllers?: Controllers): Promise<TestCluster> {
  const folder = await mkdtemp(path.join(os.tmpdir(), 'cluster-'));
  const authority = await CertificateAuthority.create('test');
  const admin = await authority.issueClient('clusterwright:provisioner', 'clusterwright:provisioners', Date.now(), Date.now() + 3_600_000);
  const server = await authority.issueServer(['api.test.clusterwright.internal'], ['127.0.0.1']);
  let skipped = 0;
  let journal: Journal;
  let running: ApiServer;
  const start = async (): Promise<ClusterApi> => {
    journal = await Journal.open(path.join(folder, 'objects.jsonl'));
    const api = new ClusterApi(journal, () => Date.now() + skipped, timings, controllers);
    running = await ApiServer.start(api, { host: '127.0.0.1', port: 0, server, authority: authority.certificate, release: '1.35.0' });
    return api;
  };
  const halt = async (): Promise<void> => {
    await running.stop();
    await journal.close();
  };
  const api = await start();
  const cluster: TestCluster = {
    get port() { return running.port; },
    authority, admin, api,
    advance: (milliseconds) => void (skipped += milliseconds),
    call: (method, target, body, options = {}) => new Promise((resolve, reject) => {
      const client = options.client === undefined ? admin : options.client;
      const outgoing = request({
        host: '127.0.0.1', port: running.port, method, path: target, ca: authority.certificate, servername: 'api.test.clusterwright.internal',
        ...(client === null ? {} : { cert: client.certificate, key: client.key }), headers: { 'content-type': options.type ?? 'application/json' },
      }, (response) => {
        let text = '';
        response.setEncoding('utf8').on('data', (part: string) => { text += part; }).on('end', () => {
          const json = (response.headers['content-type'] ?? '').includes('json');
          resolve({ status: response.statusCode ?? 0, body: (json ? JSON.parse(text) : { message: text }) as Reply['body'] });
        });
      });
      outgoing.on('error', reject);
      outgoing.end(body === undefined ? undefined : JSON.stringify(body));
    }),
    async restart() {
      await halt();
      cluster.api = await start();
    },
    async stop() {
      await halt();
      await rm(folder, { recursive: true });
    },
  };
  return cluster;
}
