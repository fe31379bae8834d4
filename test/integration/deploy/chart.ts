import { execFile } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { promisify } from 'node:util';
import { parseAllDocuments, stringify } from 'yaml';
import { z } from 'zod';
import { packageRoot } from '../../../worker/package-root.js';
import { kubernetesProgram } from '../../support/kubernetes-programs.js';

const run = promisify(execFile);
const chart = path.join(packageRoot(), 'deploy/chart');

const objectSchema = z.looseObject({ apiVersion: z.string(), kind: z.string(), metadata: z.looseObject({ name: z.string() }) });
/** An object as the chart renders it. */
export type KubernetesObject = z.infer<typeof objectSchema>;

/** Values of the chart. */
export type Values = Readonly<Record<string, unknown>>;

/** The least that an installation has to say. */
export const least: Values = {
  backend: { url: 's3://state?region=eu-west-1', secretsProvider: 'awskms://alias/clusterwright?region=eu-west-1' },
  redis: { url: 'rediss://redis.example.com:6379' },
  signIn: { tenantId: '7e4a4700-0000-4000-8000-000000000001', audiences: ['api://clusterwright'] },
  accounts: { default: { aws: { accountId: '123456789012', reach: { type: 'public' } } } },
  tenancy: { grants: [{ applicationRole: 'Portal', role: 'operator', owners: ['*'] }] },
  tls: { existingSecret: 'api-tls' },
};

/** All that can be asked for, on AWS. */
export const most: Values = {
  ...least,
  image: { repository: 'registry.example.com/clusterwright', digest: `sha256:${'a'.repeat(64)}`, pullSecrets: [{ name: 'registry' }] },
  redis: { url: 'rediss+sentinel://a.example.com,b.example.com/clusterwright?sentinelAuth=same', existingSecret: 'redis', durableAsserted: true },
  extraCa: { existingConfigMap: 'ca' },
  webhooks: [{ url: 'https://portal.example.com/hooks', events: ['*'] }],
  webhookSecret: { existingSecret: 'webhooks' },
  webhookAllow: ['hooks.corp.example', '10.20.0.0/16'],
  identity: { aws: { roleArn: 'arn:aws:iam::123456789012:role/clusterwright', podIdentity: true, region: 'eu-west-1' } },
  trustedProxies: ['10.0.0.0/24'],
  ingress: { enabled: true, className: 'traefik', host: 'clusterwright.example.com', tlsSecret: 'public-tls' },
  httpRoute: { enabled: true, parentRefs: [{ name: 'public', namespace: 'traefik' }], hostnames: ['clusterwright.example.com'] },
  worker: { concurrency: 6, shutdownSeconds: 900, nodeSelector: { pool: 'workers' }, autoscaling: { enabled: true, kind: 'hpa', minReplicas: 3, maxReplicas: 9 } },
  otel: { OTEL_EXPORTER_OTLP_ENDPOINT: 'http://collector.tracing:4318', OTEL_TRACES_SAMPLER_ARG: 0.1 },
  env: { CLUSTERWRIGHT_LOG_LEVEL: 'debug' },
  monitoring: { serviceMonitor: { enabled: true, labels: { release: 'prometheus' } }, rules: { enabled: true }, dashboards: { enabled: true } },
};

async function withValues<T>(values: Values, work: (file: string) => Promise<T>): Promise<T> {
  const folder = await mkdtemp(path.join(os.tmpdir(), 'chart-'));
  try {
    const file = path.join(folder, 'values.yaml');
    await writeFile(file, stringify(values));
    return await work(file);
  } finally {
    await rm(folder, { recursive: true });
  }
}

const helm = (...args: string[]) => run(kubernetesProgram('helm', 'helm'), args, { maxBuffer: 16 * 2 ** 20 });

/** What `helm lint --strict` says. Throws with its words where it finds a fault. */
export function lint(values: Values): Promise<string> {
  return withValues(values, async (file) => (await helm('lint', '--strict', '--kube-version', '1.35.0', chart, '--values', file)).stdout);
}

/** The chart as it is installed with these values, as text. Rejects with Helm's words where they are refused. */
export function rendered(values: Values): Promise<string> {
  return withValues(values, async (file) => (await helm('template', 'cw', chart, '--namespace', 'clusterwright', '--kube-version', '1.35.0', '--values', file)).stdout);
}

/** The objects of a rendered chart. */
export function objectsOf(text: string): KubernetesObject[] {
  return parseAllDocuments(text).map((document): unknown => document.toJS() as unknown).filter((object) => object !== null).map((object) => objectSchema.parse(object));
}
