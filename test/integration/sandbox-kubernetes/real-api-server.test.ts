import { cp, mkdir, mkdtemp, rm, symlink, writeFile } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import type { EngineEvent, Stack } from '@pulumi/pulumi/automation/index.js';
import { Deployment } from '@pulumi/kubernetes/apps/v1/deployment.js';
import { ConfigMap } from '@pulumi/kubernetes/core/v1/configMap.js';
import { Namespace } from '@pulumi/kubernetes/core/v1/namespace.js';
import { ResourceQuota } from '@pulumi/kubernetes/core/v1/resourceQuota.js';
import { Secret } from '@pulumi/kubernetes/core/v1/secret.js';
import { Release } from '@pulumi/kubernetes/helm/v3/release.js';
import { NetworkPolicy } from '@pulumi/kubernetes/networking/v1/networkPolicy.js';
import { Provider } from '@pulumi/kubernetes/provider.js';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { platform } from '../../../programs/platform/index.js';
import { Helm } from '../../../sandbox/kubernetes/provider/helm.js';
import { readRelease } from '../../../sandbox/kubernetes/provider/release-inputs.js';
import { revisions } from '../../../sandbox/kubernetes/provider/release-record.js';
import { blockedExample, creationBlock } from '../../../worker/kubernetes/creation-block.js';
import { KubernetesClient } from '../../../worker/kubernetes/client.js';
import { healthOf, seenOf } from '../../../worker/kubernetes/health.js';
import { until } from '../../support/until.js';
import { inputOf, specOf } from '../../unit/platform/clusters.js';
import { changes, startEngine, type TestEngine } from './engine.js';
import { startRealCluster, type RealCluster } from './real-cluster.js';

let cluster: RealCluster;
let engine: TestEngine;
let observer: KubernetesClient;
let folder: string;

beforeAll(async () => {
  folder = await mkdtemp(path.join(os.tmpdir(), 'real-api-server-'));
  await mkdir(path.join(folder, 'cache'));
  await mkdir(path.join(folder, 'charts'));
  await symlink(path.join(os.homedir(), '.cache/clusterwright/kubernetes'), path.join(folder, 'cache/kubernetes'));
  cluster = await startRealCluster();
  engine = await startEngine(cluster, { cache: path.join(folder, 'cache'), folder: path.join(folder, 'charts') });
  observer = new KubernetesClient({ name: 'test', network: { ...specOf('production').network, domain: 'clusterwright.internal' } }, { address: cluster.host, certificateAuthority: cluster.authority.certificate }, { ...cluster.admin, notAfter: '' });
}, 240_000);
afterAll(async () => {
  observer.close();
  await engine.stop();
  await cluster.stop();
  await rm(folder, { recursive: true });
});

async function changed(run: (options: { onEvent: (event: EngineEvent) => void; color: 'never' }) => Promise<unknown>): Promise<string[]> {
  const events: EngineEvent[] = [];
  await run({ onEvent: (event) => void events.push(event), color: 'never' });
  return changes(events).filter((change) => !change.startsWith('refresh')).map((change) => change.replace(/ \S*\$(?=\S+ \S+$)/, ' '));
}

/** Names of the objects of a collection. */
async function names(where: string): Promise<string[]> {
  const { items } = await cluster.client.call('GET', where) as { items: { metadata: { name: string } }[] };
  return items.map(({ metadata }) => metadata.name);
}

describe.each(['aws', 'azure'] as const)('the platform of %s on a real API server without any charts', (provider) => {
  const spec = specOf('production', {}, provider);
  let stack: Stack;
  beforeAll(async () => {
    // Nothing answers there, so that no chart comes from outside, wherever this runs.
    process.env['HTTPS_PROXY'] = 'http://127.0.0.1:1';
    stack = await engine.stack(`payments-prod-${provider}`, platform({ ...inputOf(spec), kubeconfig: engine.kubeconfig(cluster) }));
  });
  afterAll(() => {
    delete process.env['HTTPS_PROXY'];
  });

  it('comes up, and tells what it has not', async () => {
    await stack.up({ color: 'never', parallel: 32 });

    const { observation, missing } = healthOf(await seenOf(observer), new Date());
    expect(missing).toEqual([]);
    expect(observation.addons.find(({ name }) => name === 'cilium')).toEqual({ name: 'cilium', version: '1.19.6', state: 'stand-in', reason: 'no chart source; bridge network, kube-proxy', url: null });
    expect(observation.addons.find(({ name }) => name === 'loki')).toMatchObject({ state: 'skipped', reason: 'no chart source' });
    expect(observation.conditions.find(({ type }) => type === 'AddonsHealthy')).toMatchObject({ status: 'True', message: expect.stringContaining('loki: skipped (no chart source)') });
    expect(observation.addons.filter(({ state }) => state === 'stand-in')).toHaveLength(3);
    expect(await names('/api/v1/secrets?labelSelector=owner%3Dhelm')).toEqual([]);
  }, 240_000);

  it('is not changed by a second run or a refresh', async () => {
    expect(await changed((options) => stack.up(options))).toEqual([]);
    expect(await changed((options) => stack.refresh({ ...options, runProgram: true }))).toEqual([]);
  }, 240_000);

  it('goes without leaving anything', async () => {
    await stack.destroy({ color: 'never', parallel: 32, runProgram: true });

    expect(await names('/api/v1/configmaps?labelSelector=clusterwright.io/addon')).toEqual([]);
    expect(await names('/apis/apps/v1/daemonsets')).toEqual([]);
    expect((await names('/api/v1/namespaces')).sort()).toEqual(['default', 'kube-node-lease', 'kube-public', 'kube-system']);
    expect((await names('/apis/rbac.authorization.k8s.io/v1/clusterroles')).filter((name) => name.startsWith('clusterwright'))).toEqual([]);
  }, 240_000);
});

describe('a chart on a real API server', () => {
  const greeter = (values: object) => async (): Promise<void> => {
    const provider = new Provider('cluster', { kubeconfig: engine.kubeconfig(cluster), clusterIdentifier: 'u123' });
    new Release('greeter', { name: 'greeter', namespace: 'default', chart: 'greeter', version: '1.2.3', repositoryOpts: { repo: 'http://127.0.0.1:1' }, values, atomic: true, cleanupOnFail: true, timeout: 5, maxHistory: 5 }, { provider });
  };
  const states = async (): Promise<string[]> => (await revisions(cluster.client, 'default', 'greeter')).map(({ version, info }) => `${version} ${info.status}`);
  const greeting = async (): Promise<unknown> => (await cluster.client.get({ apiVersion: 'v1', kind: 'ConfigMap' }, 'default', 'greeting'))['data'];
  const chart = (): string => path.join(folder, 'charts', 'greeter');
  let stack: Stack;
  const run = (values: object, how: 'up' | 'preview' | 'refresh'): Promise<string[]> => changed(async (options) => {
    stack = await engine.stack('greeter', greeter(values));
    return how === 'refresh' ? stack.refresh({ ...options, runProgram: true }) : stack[how](options);
  }).then((all) => all.filter((change) => change.endsWith(' greeter')));

  it('is left out while it cannot be had, and installed when it can', async () => {
    expect(await run({ greeting: 'hello' }, 'up')).toEqual(['create kubernetes:helm.sh/v3:Release greeter']);
    expect(await states()).toEqual([]);
    expect(await names('/api/v1/configmaps?labelSelector=clusterwright.io/addon')).toEqual(['clusterwright-addon-greeter']);

    await mkdir(path.join(chart(), 'templates'), { recursive: true });
    await writeFile(path.join(chart(), 'Chart.yaml'), 'apiVersion: v2\nname: greeter\nversion: 1.2.3\nkubeVersion: ">=1.30.0-0"\n');
    await writeFile(path.join(chart(), 'templates', 'all.yaml'), [
      'apiVersion: v1\nkind: ConfigMap\nmetadata: {name: greeting}\ndata: {greeting: {{ .Values.greeting | quote }}}',
      // No node is there to run it.
      '{{ if .Values.never }}\n---\napiVersion: apps/v1\nkind: Deployment\nmetadata: {name: never}\nspec: {selector: {matchLabels: {a: b}}, template: {metadata: {labels: {a: b}}, spec: {containers: [{name: c, image: c}]}}}\n{{ end }}',
    ].join('\n'));
    expect(await run({ greeting: 'hello' }, 'up')).toEqual(['update kubernetes:helm.sh/v3:Release greeter']);
    expect(await states()).toEqual(['1 deployed']);
    expect(await greeting()).toEqual({ greeting: 'hello' });
    expect(await names('/api/v1/configmaps?labelSelector=clusterwright.io/addon')).toEqual([]);
    expect((await observer.releases()).map(({ name, chartVersion, status, kubernetes }) => [name, chartVersion, status, kubernetes])).toEqual([['greeter', '1.2.3', 'deployed', '>=1.30.0-0']]);
    expect(await run({ greeting: 'hello' }, 'refresh')).toEqual([]);
    expect(await run({ greeting: 'hello' }, 'preview')).toEqual([]);
  }, 240_000);

  it('is upgraded, and goes back where that fails', async () => {
    expect(await run({ greeting: 'good day', nothing: null }, 'up')).toEqual(['update kubernetes:helm.sh/v3:Release greeter']);
    expect(await greeting()).toEqual({ greeting: 'good day' });

    await expect(run({ greeting: 'never', never: true, password: 'planted-secret' }, 'up')).rejects.toThrow(/default\/greeter[\s\S]*UPGRADE FAILED/);
    expect(await states()).toEqual(['1 superseded', '2 superseded', '3 failed', '4 deployed']);
    expect(await greeting()).toEqual({ greeting: 'good day' });
    expect(await run({ greeting: 'good day', nothing: null }, 'refresh')).toEqual([]);
    expect(await run({ greeting: 'good day', nothing: null }, 'preview')).toEqual([]);
  }, 240_000);

  it('is uninstalled', async () => {
    await stack.destroy({ color: 'never', runProgram: true });
    expect(await states()).toEqual([]);
    await expect(greeting()).rejects.toThrow('not found');
  }, 240_000);

  it('stays pending when its helm is killed', async () => {
    const helm = new Helm(path.join(folder, 'cache'), {});
    const release = readRelease({ name: 'killed', namespace: 'default', chart: 'greeter', version: '1.2.3', timeout: 120, values: { never: true } });
    await cp(chart(), path.join(folder, 'never'), { recursive: true });
    const ending = new AbortController();
    const installed = helm.upgrade(cluster.client.access, release, path.join(folder, 'never'), ending.signal).catch((error: unknown) => error);
    await until(async () => (await names('/apis/apps/v1/namespaces/default/deployments')).includes('never'), 60_000);
    ending.abort(new Error('cancelled here'));

    expect(await installed).toMatchObject({ message: 'cancelled here' });
    expect((await revisions(cluster.client, 'default', 'killed')).map(({ info }) => info.status)).toEqual(['pending-install']);
    await expect(helm.upgrade(cluster.client.access, release, path.join(folder, 'never'), new AbortController().signal)).rejects.toThrow('another operation (install/upgrade/rollback) is in progress');
  }, 240_000);
});

describe('objects on a real API server', () => {
  const shop = (greeting: string) => async (): Promise<void> => {
    const options = { provider: new Provider('cluster', { kubeconfig: engine.kubeconfig(cluster), clusterIdentifier: 'u123', upsertExistingObjects: true, enableConfigMapMutable: true }) };
    const namespace = new Namespace('shop', { metadata: { name: 'shop' } }, options);
    const metadata = (name: string) => ({ name, namespace: namespace.metadata.name });
    new ResourceQuota('quota', { metadata: metadata('quota'), spec: { hard: { 'requests.cpu': '2000m', 'limits.memory': '1024Mi' } } }, options);
    new ConfigMap('settings', { metadata: { ...metadata('settings'), annotations: { 'pulumi.com/patchForce': 'true' } }, data: { greeting } }, options);
    new Secret('keys', { metadata: metadata('keys'), stringData: { key: 'planted-secret' } }, options);
    new NetworkPolicy('fence', { metadata: metadata('fence'), spec: { podSelector: {}, policyTypes: ['Ingress'], ingress: [{ ports: [{ port: 53 }] }] } }, options);
    const labels = { app: 'shop' };
    new Deployment('shop', {
      metadata: { ...metadata('shop'), annotations: { 'pulumi.com/skipAwait': 'true' } },
      spec: { selector: { matchLabels: labels }, template: { metadata: { labels }, spec: { containers: [{ name: 'shop', image: 'shop', resources: { requests: { cpu: '0.5' } }, ports: [{ containerPort: 80 }] }] } } },
    }, options);
  };
  const run = (greeting: string, how: 'up' | 'preview' | 'refresh' | 'destroy'): Promise<string[]> => changed(async (options) => {
    const stack = await engine.stack('shop', shop(greeting));
    return how === 'refresh' || how === 'destroy' ? stack[how]({ ...options, runProgram: true }) : stack[how](options);
  });

  it('do not differ for what the server adds or writes in its own way', async () => {
    expect(await run('hello', 'up')).toContain('create kubernetes:apps/v1:Deployment shop');
    expect(await run('hello', 'refresh')).toEqual([]);
    expect(await run('hello', 'preview')).toEqual([]);
  }, 240_000);

  it('are changed in place, and put right where somebody else has changed them', async () => {
    expect(await run('good day', 'up')).toEqual(['update kubernetes:core/v1:ConfigMap settings']);

    await cluster.client.call('PATCH', '/api/v1/namespaces/shop/configmaps/settings', { data: { greeting: 'changed by hand' } }, 'application/merge-patch+json');
    await cluster.client.call('DELETE', '/api/v1/namespaces/shop/resourcequotas/quota');
    await run('good day', 'refresh');
    expect((await run('good day', 'up')).sort()).toEqual(['create kubernetes:core/v1:ResourceQuota quota', 'update kubernetes:core/v1:ConfigMap settings']);
  }, 240_000);

  it('go with their namespace, which is waited for', async () => {
    await run('good day', 'destroy');
    expect(await names('/api/v1/namespaces')).not.toContain('shop');
  }, 240_000);
});

describe('what keeps a deleted cluster from making things', () => {
  it('is understood by a real API server', async () => {
    for (const { path: where, object } of creationBlock) await observer.apply(where, object);
    await until(async () => !(await observer.wouldCreate(blockedExample.path, blockedExample.object)), 60_000);

    const service = { ...blockedExample.object, spec: { ...blockedExample.object.spec, type: 'ClusterIP' } };
    expect(await observer.wouldCreate(blockedExample.path, service)).toBe(true);
    const claim = { apiVersion: 'v1', kind: 'PersistentVolumeClaim', metadata: { name: 'c' }, spec: { accessModes: ['ReadWriteOnce'], resources: { requests: { storage: '1Gi' } } } };
    expect(await observer.wouldCreate('/api/v1/namespaces/default/persistentvolumeclaims', claim)).toBe(false);
    const pod = (volumes: object[]) => ({ apiVersion: 'v1', kind: 'Pod', metadata: { name: 'p' }, spec: { containers: [{ name: 'c', image: 'c' }], volumes } });
    expect(await observer.wouldCreate('/api/v1/namespaces/default/pods', pod([{ name: 'v', emptyDir: {} }]))).toBe(true);
    expect(await observer.wouldCreate('/api/v1/namespaces/default/pods', pod([{ name: 'v', persistentVolumeClaim: { claimName: 'c' } }]))).toBe(false);
    for (const { path: where } of [...creationBlock].reverse()) await observer.remove(where);
  }, 120_000);
});
