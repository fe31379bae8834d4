import { execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { openSync, readFileSync } from 'node:fs';
import { mkdir, mkdtemp, rm, symlink, writeFile } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { promisify } from 'node:util';
import { writeKubeconfig } from '../../sandbox/kubernetes/provider/kubeconfig.js';
import { kubernetesProgram } from '../support/kubernetes-programs.js';
import type { RealCluster } from '../integration/sandbox-kubernetes/real-cluster.js';

/** The real server of Velero, outside the cluster that it looks after. It saves no volumes: these need its agents on nodes. */
export interface RealVelero {
  /** The end of what it has said. */
  log(): string;
  stop(): Promise<void>;
}

/** Starts one for a cluster, with its definitions and a location in a bucket. @param endpoint of S3 */
export async function startVelero({ client }: RealCluster, bucket: string, endpoint: string): Promise<RealVelero> {
  const folder = await mkdtemp(path.join(os.tmpdir(), 'velero-'));
  const [program, kubeconfig, plugins] = [kubernetesProgram('velero', 'velero'), path.join(folder, 'kubeconfig'), path.join(folder, 'plugins')];
  await writeFile(kubeconfig, writeKubeconfig(client.access), { mode: 0o600 });
  // All programs in that folder are plugins.
  await mkdir(plugins);
  await symlink(kubernetesProgram('velero', 'velero-plugin-for-aws'), path.join(plugins, 'velero-plugin-for-aws'));
  const env = { ...process.env, HOME: folder, TMPDIR: folder, AWS_ACCESS_KEY_ID: 'sandbox', AWS_SECRET_ACCESS_KEY: 'sandbox' };
  await promisify(execFile)(program, ['install', '--crds-only', '--kubeconfig', kubeconfig], { env });
  await client.apply({ apiVersion: 'v1', kind: 'Namespace', metadata: { name: 'velero' } }, 'test', true);
  await client.apply({
    apiVersion: 'velero.io/v1', kind: 'BackupStorageLocation', metadata: { name: 'default', namespace: 'velero' },
    spec: { provider: 'aws', default: true, objectStorage: { bucket, prefix: 'velero' }, config: { region: 'eu-west-1', s3Url: endpoint, s3ForcePathStyle: 'true' } },
  }, 'test', true);
  // A restore's plugins look there for the image that they would run in pods.
  await client.apply({
    apiVersion: 'apps/v1', kind: 'Deployment', metadata: { name: 'velero', namespace: 'velero' },
    spec: { replicas: 0, selector: { matchLabels: { app: 'velero' } }, template: { metadata: { labels: { app: 'velero' } }, spec: { containers: [{ name: 'velero', image: 'velero/velero:v1.18.3' }] } } },
  }, 'test', true);
  const log = path.join(folder, 'log');
  const output = openSync(log, 'a');
  const options = { kubeconfig, namespace: 'velero', 'plugin-dir': plugins, 'metrics-address': '127.0.0.1:0', 'profiler-address': '' };
  const server = spawn(program, ['server', ...Object.entries(options).map(([name, value]) => `--${name}=${value}`)], { env, stdio: ['ignore', output, output] });
  return {
    log: () => readFileSync(log, 'utf8').slice(-4_000),
    async stop() {
      server.kill('SIGTERM');
      if (server.exitCode === null && server.signalCode === null) await once(server, 'exit');
      await rm(folder, { recursive: true });
    },
  };
}
