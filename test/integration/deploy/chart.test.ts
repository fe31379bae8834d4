import { execFile } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { parse, stringify } from 'yaml';
import { z } from 'zod';
import { parseAccounts } from '../../../model/accounts.js';
import { readSettings } from '../../../model/settings.js';
import { kubernetesProgram } from '../../support/kubernetes-programs.js';
import { startRealCluster, type RealCluster } from '../sandbox-kubernetes/real-cluster.js';
import { least, lint, most, objectsOf, rendered, type KubernetesObject, type Values } from './chart.js';

const run = promisify(execFile);
const podSchema = z.looseObject({
  terminationGracePeriodSeconds: z.number(), securityContext: z.looseObject({}),
  containers: z.array(z.looseObject({ image: z.string(), args: z.array(z.string()), env: z.array(z.strictObject({ name: z.string(), value: z.string() })), volumeMounts: z.array(z.looseObject({ mountPath: z.string() })) })).length(1),
});
const deploymentSchema = z.looseObject({ spec: z.looseObject({ replicas: z.number().optional(), template: z.looseObject({ metadata: z.looseObject({ labels: z.record(z.string(), z.string()) }), spec: podSchema }) }) });

const named = (objects: readonly KubernetesObject[], kind: string, name: string): KubernetesObject => {
  const found = objects.find((object) => object.kind === kind && object.metadata.name === name);
  if (found === undefined) throw new Error(`there is no ${kind} ${name}: ${objects.map((object) => `${object.kind} ${object.metadata.name}`).join(', ')}`);
  return found;
};
const podOf = (objects: readonly KubernetesObject[], part: 'api' | 'worker') => {
  const { spec } = deploymentSchema.parse(named(objects, 'Deployment', `cw-clusterwright-${part}`));
  const { containers, ...pod } = spec.template.spec;
  const [container] = containers;
  if (container === undefined) throw new Error('there is no container');
  return { replicas: spec.replicas, labels: spec.template.metadata.labels, pod, container, env: Object.fromEntries(container.env.map(({ name, value }) => [name, value])) };
};
const onAzure: Values = { ...least, backend: { url: 'azblob://state', secretsProvider: 'azurekeyvault://vault.vault.azure.net/keys/clusterwright' }, identity: { azure: { clientId: '5e2f1ce0-0000-4000-8000-000000000001' } }, tls: {}, trustedProxies: ['10.0.0.0/24'] };
const withKeda: Values = { ...least, worker: { autoscaling: { enabled: true, kind: 'keda', prometheus: 'http://prometheus.monitoring:9090' } } };

/** What docs/production.md shows. */
const example = z.record(z.string(), z.unknown()).parse(parse(/```yaml\n(image:[^`]+)```/.exec(readFileSync(new URL('../../../docs/production.md', import.meta.url), 'utf8'))?.[1] ?? ''));

describe.each([['the least', least], ['the example of the docs', example], ['all', most], ['Azure', onAzure], ['KEDA', withKeda]])('the chart with %s', (_name, values) => {
  let objects: KubernetesObject[];
  beforeAll(async () => { objects = objectsOf(await rendered(values)); });

  it('is without a fault to Helm', async () => {
    expect(await lint(values)).toContain('0 chart(s) failed');
  });

  it('gives both processes settings that they take', () => {
    for (const part of ['api', 'worker'] as const) {
      const settings = readSettings(podOf(objects, part).env, '/app');
      expect(settings).toMatchObject({ cloud: 'live', accountsFile: '/etc/clusterwright/accounts.yaml' });
      expect(settings.host).toBe(part === 'api' ? '0.0.0.0' : '127.0.0.1');
    }
  });

  it('gives them files that they take', () => {
    const { data } = z.looseObject({ data: z.record(z.string(), z.string()) }).parse(named(objects, 'ConfigMap', 'cw-clusterwright'));
    expect(Object.keys(parseAccounts(parse(data['accounts.yaml'] ?? ''), 'accounts.yaml'))).toEqual(['default']);
    expect(parse(data['tenancy.yaml'] ?? '')).toEqual(values['tenancy']);
  });

  it('waits for a worker as long as its operations take to end', () => {
    const { pod, env } = podOf(objects, 'worker');
    expect(pod.terminationGracePeriodSeconds).toBeGreaterThanOrEqual(Number(env['CLUSTERWRIGHT_SHUTDOWN_SECONDS']) + 70);
  });

  it('holds both to a user without rights and a root that cannot be written', () => {
    for (const part of ['api', 'worker'] as const) {
      const { pod, container } = podOf(objects, part);
      expect(pod.securityContext).toMatchObject({ runAsNonRoot: true, runAsUser: 10001, seccompProfile: { type: 'RuntimeDefault' } });
      expect(container).toMatchObject({ securityContext: { allowPrivilegeEscalation: false, readOnlyRootFilesystem: true, capabilities: { drop: ['ALL'] } } });
      expect(container.volumeMounts.map(({ mountPath }) => mountPath)).toEqual(expect.arrayContaining(['/var/lib/clusterwright', '/tmp', '/etc/clusterwright']));
    }
  });
});

describe('the chart', () => {
  it('gives what is asked for: image, Redis, webhooks, identity, scaling, traces', async () => {
    const objects = objectsOf(await rendered(most));
    const [api, worker] = [podOf(objects, 'api'), podOf(objects, 'worker')];
    expect(api.container.image).toBe(`registry.example.com/clusterwright@sha256:${'a'.repeat(64)}`);
    expect(api.env).toMatchObject({ REDIS_PASSWORD_FILE: '/run/secrets/redis/password', CLUSTERWRIGHT_REDIS_DURABLE: 'asserted', NODE_EXTRA_CA_CERTS: '/etc/clusterwright-ca/ca.crt', CLUSTERWRIGHT_TRUST_PROXY: '10.0.0.0/24', OTEL_TRACES_SAMPLER_ARG: '0.1', AWS_REGION: 'eu-west-1' });
    expect(worker.env).toMatchObject({ CLUSTERWRIGHT_CONCURRENCY: '6', CLUSTERWRIGHT_WEBHOOKS: '/etc/clusterwright/webhooks.yaml', CLUSTERWRIGHT_WEBHOOK_SECRET_FILE: '/run/secrets/webhooks/secret', CLUSTERWRIGHT_WEBHOOK_ALLOW: 'hooks.corp.example,10.20.0.0/16', CLUSTERWRIGHT_LOG_LEVEL: 'debug' });
    expect(worker.replicas).toBeUndefined();
    expect(named(objects, 'HorizontalPodAutoscaler', 'cw-clusterwright-worker')).toMatchObject({
      spec: { minReplicas: 3, maxReplicas: 9, metrics: [{ external: { metric: { name: 'clusterwright_jobs_in_hand' }, target: { averageValue: '6' } } }] },
    });
    expect(named(objects, 'ServiceAccount', 'cw-clusterwright').metadata).toMatchObject({ annotations: { 'eks.amazonaws.com/role-arn': 'arn:aws:iam::123456789012:role/clusterwright' } });
    expect(named(objects, 'ServiceMonitor', 'cw-clusterwright')).toMatchObject({ metadata: { labels: { release: 'prometheus' } }, spec: { endpoints: [{ path: '/metrics', scheme: 'https' }] } });
    expect(named(objects, 'HTTPRoute', 'cw-clusterwright-api')).toMatchObject({ spec: { parentRefs: [{ name: 'public' }], rules: [{ timeouts: { request: '0s' } }] } });
    const { data } = z.looseObject({ data: z.record(z.string(), z.string()) }).parse(named(objects, 'ConfigMap', 'cw-clusterwright-dashboards'));
    expect(JSON.parse(data['clusterwright.json'] ?? '')).toMatchObject({ title: 'Clusterwright service' });
  });

  it('names the identity on Azure, and has KEDA ask for what the rules record', async () => {
    const azure = objectsOf(await rendered(onAzure));
    expect(podOf(azure, 'worker').labels).toMatchObject({ 'azure.workload.identity/use': 'true' });
    expect(named(azure, 'ServiceAccount', 'cw-clusterwright').metadata).toMatchObject({ annotations: { 'azure.workload.identity/client-id': '5e2f1ce0-0000-4000-8000-000000000001' } });
    expect(named(objectsOf(await rendered(withKeda)), 'ScaledObject', 'cw-clusterwright-worker')).toMatchObject({
      spec: { triggers: [{ type: 'prometheus', metadata: { threshold: '4', query: expect.stringContaining('max(clusterwright_queue_depth{namespace="clusterwright"})') } }] },
    });
  });

  it.each<[string, Values, RegExp]>([
    ['no backend', { ...least, backend: {} }, /backend\.url: name the object storage/],
    ['a folder as backend', { ...least, backend: { url: 'file:///state', secretsProvider: 'awskms://k' } }, /backend\/url|backend\.url/],
    ['a passphrase', { ...least, backend: { url: 's3://b', secretsProvider: 'passphrase' } }, /secretsProvider/],
    ['a password in the URL', { ...least, redis: { url: 'redis://:secret@redis:6379' } }, /redis.*url/],
    ['neither TLS nor proxies', { ...least, tls: {} }, /tokens need TLS/],
    ['no tenancy', { ...least, tenancy: {} }, /accounts and tenancy/],
    ['webhooks without a secret', { ...least, webhooks: [{ url: 'https://a.example', events: ['*'] }] }, /webhookSecret/],
    ['a value that is none', { ...least, worker: { replica: 3 } }, /replica/],
  ])('refuses %s', async (_name, values, said) => {
    await expect(rendered(values)).rejects.toThrow(said);
  });
});

describe('a real API server', () => {
  const folder = mkdtempSync(path.join(os.tmpdir(), 'chart-apply-'));
  let cluster: RealCluster;
  beforeAll(async () => {
    cluster = await startRealCluster();
    // Pods that would not be let in are told as warnings, for Deployments too.
    await cluster.client.apply({ apiVersion: 'v1', kind: 'Namespace', metadata: { name: 'clusterwright', labels: { 'pod-security.kubernetes.io/enforce': 'restricted', 'pod-security.kubernetes.io/warn': 'restricted' } } }, 'test', true);
    const encoded = (text: string): string => Buffer.from(text).toString('base64');
    writeFileSync(path.join(folder, 'config'), stringify({
      apiVersion: 'v1', kind: 'Config', 'current-context': 'c', contexts: [{ name: 'c', context: { cluster: 'c', user: 'u', namespace: 'clusterwright' } }],
      clusters: [{ name: 'c', cluster: { server: `https://${cluster.host}:${cluster.port}`, 'certificate-authority-data': encoded(cluster.authority.certificate) } }],
      users: [{ name: 'u', user: { 'client-certificate-data': encoded(cluster.admin.certificate), 'client-key-data': encoded(cluster.admin.key) } }],
    }), { mode: 0o600 });
  });
  afterAll(async () => {
    await cluster.stop();
    rmSync(folder, { recursive: true });
  });

  /** Kinds of others, whose definitions are not in this API server: their shapes are asserted above. */
  const foreign = ['HTTPRoute', 'PrometheusRule', 'ScaledObject', 'ServiceMonitor'];

  it.each([['the least', least], ['all', most], ['Azure', onAzure]])('takes what the chart renders with %s, without a warning', async (_name, values) => {
    const objects = objectsOf(await rendered(values)).filter(({ kind }) => !foreign.includes(kind));
    const file = path.join(folder, 'objects.yaml');
    writeFileSync(file, objects.map((object) => stringify({ ...object, metadata: { ...object.metadata, namespace: 'clusterwright' } })).join('---\n'));
    const { stdout, stderr } = await run(kubernetesProgram('1.35', 'kubectl'), ['--kubeconfig', path.join(folder, 'config'), 'apply', '--server-side', '--dry-run=server', '--validate=strict', '--filename', file]);
    expect(stderr).toBe('');
    expect(stdout.trim().split('\n')).toHaveLength(objects.length);
  });
});
