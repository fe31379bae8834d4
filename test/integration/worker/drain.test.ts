import { mkdtemp, rm } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { GetResourcesCommand, ResourceGroupsTaggingAPIClient } from '@aws-sdk/client-resource-groups-tagging-api';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { z } from 'zod';
import { clusterTags } from '../../../model/names.js';
import type { NodeFacts } from '../../../model/rendezvous.js';
import { startAws, type AwsPart } from '../../../sandbox/aws/index.js';
import { admitNew } from '../../../sandbox/aws/lifecycle.js';
import { resourceType } from '../../../sandbox/aws/types/index.js';
import * as tokens from '../../../sandbox/aws/types/tokens.js';
import { Journal } from '../../../sandbox/inventory/journal.js';
import type { Item } from '../../../sandbox/inventory/item.js';
import { ClusterApi } from '../../../sandbox/kubernetes/api-server/cluster-api.js';
import { ApiServer } from '../../../sandbox/kubernetes/api-server/server.js';
import { cloudControllers } from '../../../sandbox/kubernetes/controllers/index.js';
import { CertificateAuthority } from '../../../sandbox/kubernetes/pki.js';
import { releaseObjects } from '../../../sandbox/kubernetes/provider/release-objects.js';
import { toSecret } from '../../../sandbox/kubernetes/provider/release-record.js';
import type { PropertyMap } from '../../../sandbox/protocol/index.js';
import { openSandbox, type Sandbox } from '../../../sandbox/sandbox.js';
import { AwsCloud } from '../../../worker/cloud/aws/index.js';
import type { ClusterScope } from '../../../worker/cloud/index.js';
import { KubernetesClient, KubernetesError } from '../../../worker/kubernetes/client.js';
import { blockCreation, drainRound, isDrained } from '../../../worker/kubernetes/drain.js';

const region = 'eu-west-1';
const facts: NodeFacts = {
  schema: 1, cluster: 'pay', uid: 'u1b2c3d4e5f6', region, role: 'control-plane', pool: null, index: 1, controlPlanes: 1, kubernetesVersion: '1.35', kubernetesRelease: '1.35.0',
  endpoint: 'api.pay.clusterwright.internal', port: 6443, podCidr: '10.244.0.0/16', serviceCidr: '10.96.0.0/12', rendezvous: { provider: 'aws', bucket: 'pay-backups', parameterPrefix: '/clusterwright/u1b2c3d4e5f6' }, issuer: null, entra: { tenantId: 't', clientId: 'c' }, sshKeys: [], registryMirrors: {}, labels: {}, taints: [],
};
const owned = { 'kubernetes.io/cluster/pay': 'owned' };
const tags = (resource: string, more: Record<string, string> = {}) => ({ ...clusterTags({ name: 'pay', uid: facts.uid, installation: 'i1' }, resource), ...more });

let home: string;
let sandbox: Sandbox;
let aws: AwsPart;
let cloud: AwsCloud;
let api: ClusterApi;
let server: ApiServer;
let journal: Journal;
let client: KubernetesClient;
let scope: ClusterScope;
let vpc: Item;
const before = { ...process.env };

const make = (token: string, inputs: PropertyMap, at = aws): Item => admitNew(at.cloud, resourceType(token), region, inputs);
const ofType = (token: string): Item[] => sandbox.inventory.ofType(token);
/** What Kubernetes made and is there, by kind. */
const made = async (): Promise<string[]> => (await cloud.madeByKubernetes(scope)).map(({ kind }) => kind.slice(kind.lastIndexOf(':') + 1)).sort();

beforeEach(async () => {
  Object.assign(process.env, { AWS_ACCESS_KEY_ID: 'sandbox', AWS_SECRET_ACCESS_KEY: 'sandbox' });
  home = await mkdtemp(path.join(os.tmpdir(), 'drain-'));
  sandbox = await openSandbox(home, 0);
  aws = await startAws(sandbox);
  const endpoints = Object.fromEntries(['ec2', 'elasticloadbalancing', 'ssm', 'iam', 'autoscaling', 'kms', 'resourcegroupstaggingapi'].map((service) => [service, aws.endpoint]));
  cloud = new AwsCloud({ name: 'pay', uid: facts.uid, region }, { provider: 'aws', accountId: '123456789012', reach: { type: 'public' }, endpoints });

  vpc = make(tokens.vpc, { cidrBlock: '10.20.0.0/16', tags: tags('vpc') });
  make(tokens.internetGateway, { vpcId: vpc.id, tags: tags('internet-gateway') });
  const subnets = ['a', 'b'].map((zone, index) => make(tokens.subnet, { vpcId: vpc.id, cidrBlock: `10.20.${index}.0/24`, availabilityZone: `${region}${zone}`, tags: tags(`subnet-public-${zone}`, { ...owned, 'kubernetes.io/role/elb': '1' }) }));
  const group = make(tokens.securityGroup, { name: 'pay-nodes', description: 'nodes', vpcId: vpc.id, tags: tags('security-group-nodes', owned) });
  scope = { name: 'pay', uid: facts.uid, known: new Set([vpc, group, ...subnets].map(({ id }) => id)) };

  journal = await Journal.open(path.join(home, 'objects.jsonl'));
  api = new ClusterApi(journal, () => Date.now(), { workloadStart: 0, namespaceEnd: 0 }, cloudControllers(aws.cloud, facts));
  for (const name of ['aws-cloud-controller-manager', 'aws-ebs-csi-driver']) {
    const values = name === 'aws-ebs-csi-driver' ? { controller: { k8sTagClusterId: 'pay', extraVolumeTags: tags('volume') }, storageClasses: [{ name: 'gp3', annotations: { 'storageclass.kubernetes.io/is-default-class': 'true' }, parameters: { type: 'gp3' } }, { name: 'kept', reclaimPolicy: 'Retain' }] } : {};
    const release = { name, namespace: 'kube-system', chart: name, version: '1.0.0' };
    for (const object of releaseObjects({ ...release, values })) api.apply(object);
    const info = { first_deployed: '', last_deployed: '2026-11-21T00:00:00Z', deleted: '', description: '', status: 'deployed' as const };
    api.apply(toSecret({ name, namespace: 'kube-system', version: 1, info, chart: { metadata: { name, version: '1.0.0' } }, config: values, manifest: '' }));
  }
  const authority = await CertificateAuthority.create('pay');
  const provisioner = await authority.issueClient('clusterwright:provisioner', 'clusterwright:provisioners', Date.now(), Date.now() + 3_600_000);
  const host = aws.cloud.addresses.take('test');
  server = await ApiServer.start(api, { host, port: facts.port, server: await authority.issueServer([facts.endpoint], [host]), authority: authority.certificate, release: '1.35.0' });
  const network = { domain: 'clusterwright.internal' } as ConstructorParameters<typeof KubernetesClient>[0]['network'];
  client = new KubernetesClient({ name: 'pay', network }, { address: host, certificateAuthority: authority.certificate }, { ...provisioner, notAfter: '2027-01-01T00:00:00.000Z' });
});
afterEach(async () => {
  client.close();
  await server.stop();
  await journal.close();
  await aws.close();
  await sandbox.journal.close();
  await rm(home, { recursive: true });
  process.env = { ...before };
});

const apply = (resource: string, object: object) => client.apply(resource, object);
const balancer = (name: string, annotations: Record<string, string> = {}) => apply(`/api/v1/namespaces/default/services/${name}`, {
  apiVersion: 'v1', kind: 'Service', metadata: { name, annotations }, spec: { type: 'LoadBalancer', selector: { app: name }, ports: [{ port: 80, protocol: 'TCP' }] },
});
const claim = (name: string, storageClassName?: string) => apply(`/api/v1/namespaces/default/persistentvolumeclaims/${name}`, {
  apiVersion: 'v1', kind: 'PersistentVolumeClaim', metadata: { name }, spec: { accessModes: ['ReadWriteOnce'], resources: { requests: { storage: '8Gi' } }, ...(storageClassName === undefined ? {} : { storageClassName }) },
});
const database = (replicas: number) => apply('/apis/apps/v1/namespaces/default/statefulsets/database', {
  apiVersion: 'apps/v1', kind: 'StatefulSet', metadata: { name: 'database' },
  spec: {
    replicas, serviceName: 'database', selector: { matchLabels: { app: 'database' } }, template: { metadata: { labels: { app: 'database' } }, spec: { containers: [{ name: 'main', image: 'x:1' }] } },
    volumeClaimTemplates: [{ metadata: { name: 'data' }, spec: { accessModes: ['ReadWriteOnce'], resources: { requests: { storage: '8Gi' } } } }],
  },
});

describe('a cluster that makes things in the cloud', () => {
  it('has load balancers and disks with the tags of the real controllers', async () => {
    await balancer('web');
    await balancer('edge', { 'service.beta.kubernetes.io/aws-load-balancer-type': 'nlb' });
    await database(2);

    expect(await made()).toEqual(['LoadBalancer', 'LoadBalancer', 'SecurityGroup', 'TargetGroup', 'Volume', 'Volume']);
    expect(ofType(tokens.volume)[0]?.outputs['tags']).toMatchObject({ 'ebs.csi.aws.com/cluster': 'true', 'kubernetes.io/created-for/pvc/name': 'data-database-0', 'clusterwright:uid': facts.uid, ...owned });
    expect(ofType(tokens.classicLoadBalancer)[0]?.outputs['tags']).toEqual({ ...owned, 'kubernetes.io/service-name': 'default/web' });
    expect(api.find('v1', 'Service', 'web', 'default')).toMatchObject({ metadata: { finalizers: ['service.kubernetes.io/load-balancer-cleanup'] }, status: { loadBalancer: { ingress: [{ hostname: expect.any(String) as string }] } } });
    expect(sandbox.inventory.list('pay').filter(({ resource }) => resource === 'service default/web').map(({ type }) => type).sort()).toEqual([tokens.securityGroup, tokens.classicLoadBalancer, tokens.ingressRule].sort());
    const blocker = resourceType(tokens.subnet).blocker?.(ofType(tokens.subnet)[0] ?? vpc, aws.cloud);
    expect(blocker).toMatchObject({ code: 'DependencyViolation' });
  });

  it('keeps a claim that is mounted, and a disk that is to be retained', async () => {
    await database(1);
    await claim('old', 'kept');
    await client.remove('/api/v1/namespaces/default/persistentvolumeclaims/data-database-0');
    await client.remove('/api/v1/namespaces/default/persistentvolumeclaims/old');

    expect(api.find('v1', 'PersistentVolumeClaim', 'data-database-0', 'default')?.metadata.deletionTimestamp).toEqual(expect.any(String));
    expect(api.find('v1', 'PersistentVolumeClaim', 'old', 'default')).toBeUndefined();
    expect(ofType(tokens.volume)).toHaveLength(2);
  });
});

describe('draining through the API server', () => {
  it('blocks what would make anything new, and nothing else', async () => {
    await balancer('web');
    await claim('data');

    expect(await blockCreation(client)).toBe(true);

    const forbidden = { status: 403 };
    await expect(balancer('more')).rejects.toMatchObject(forbidden);
    await expect(claim('more')).rejects.toMatchObject(forbidden);
    await expect(apply('/api/v1/namespaces/default/pods/p', { apiVersion: 'v1', kind: 'Pod', metadata: { name: 'p' }, spec: { containers: [{ name: 'm', image: 'x' }], volumes: [{ name: 'd', persistentVolumeClaim: { claimName: 'data' } }] } })).rejects.toMatchObject(forbidden);
    await apply('/api/v1/namespaces/default/pods/q', { apiVersion: 'v1', kind: 'Pod', metadata: { name: 'q' }, spec: { containers: [{ name: 'm', image: 'x' }] } });
    await apply('/api/v1/namespaces/default/services/inner', { apiVersion: 'v1', kind: 'Service', metadata: { name: 'inner' }, spec: { ports: [{ port: 80, protocol: 'TCP' }] } });
    await expect(client.merge('/api/v1/namespaces/default/services/inner', { spec: { type: 'LoadBalancer' } })).rejects.toMatchObject(forbidden);
    expect(await client.merge('/api/v1/namespaces/default/services/web', { metadata: { labels: { touched: 'yes' } } })).toBe(true);
    await database(3);
    expect(api.objects('/persistentvolumeclaims').map(({ metadata }) => metadata.name)).toEqual(['data']);
  });

  it('has the controllers remove all they made, mounted and retained disks included', async () => {
    await balancer('web');
    await balancer('edge', { 'service.beta.kubernetes.io/aws-load-balancer-type': 'nlb' });
    await database(3);
    await claim('old', 'kept');
    await claim('gone', 'kept');
    await client.remove('/api/v1/namespaces/default/persistentvolumeclaims/gone');
    expect(ofType(tokens.volume)).toHaveLength(5);
    await blockCreation(client);

    expect(await drainRound(client)).toEqual({ services: 2, gateways: 0, claims: 4, volumes: 5 });
    expect(isDrained(await drainRound(client))).toBe(true);

    expect(await made()).toEqual([]);
    expect(sandbox.inventory.list('pay').filter(({ resource }) => /^(service|volume) /.test(resource ?? ''))).toEqual([]);
    expect(api.find('apps/v1', 'StatefulSet', 'database', 'default')).toMatchObject({ spec: { replicas: 0 } });
  });

  it('deletes gateways where the kind exists', async () => {
    const definition = { group: 'gateway.networking.k8s.io', scope: 'Namespaced', names: { kind: 'Gateway', plural: 'gateways' }, versions: [{ name: 'v1', served: true, storage: true, schema: { openAPIV3Schema: { type: 'object' } } }] };
    await apply('/apis/apiextensions.k8s.io/v1/customresourcedefinitions/gateways.gateway.networking.k8s.io', { apiVersion: 'apiextensions.k8s.io/v1', kind: 'CustomResourceDefinition', metadata: { name: 'gateways.gateway.networking.k8s.io' }, spec: definition });
    await apply('/apis/gateway.networking.k8s.io/v1/namespaces/default/gateways/front', { apiVersion: 'gateway.networking.k8s.io/v1', kind: 'Gateway', metadata: { name: 'front' }, spec: {} });

    expect(await drainRound(client)).toMatchObject({ gateways: 1 });
    expect(isDrained(await drainRound(client))).toBe(true);
  });

  it('says when the API server is gone', async () => {
    await server.stop();
    await expect(drainRound(client)).rejects.toBeInstanceOf(KubernetesError);
    server = await ApiServer.start(api, { host: '127.0.0.1', port: 0, server: await (await CertificateAuthority.create('x')).issueServer(['x'], []), authority: '', release: '1.35.0' });
  });
});

describe('the search for what is left', () => {
  const search = async (keys: string[] = []) => (await cloud.findRemains(scope, keys.map((arn) => ({ type: tokens.key, id: undefined, arn })))).found;

  it('reads what the index of tags still shows', async () => {
    const machine = make(tokens.instance, { ami: 'ami-0123456789abcdef0', instanceType: 'm7i.large', subnetId: ofType(tokens.subnet)[0]?.id ?? '', tags: tags('control-plane-1') });
    expect((await search()).map(({ kind }) => kind)).toContain(tokens.instance);

    sandbox.inventory.delete(machine);

    const index = new ResourceGroupsTaggingAPIClient({ endpoint: aws.endpoint, region, credentials: { accessKeyId: 'sandbox', secretAccessKey: 'sandbox' } });
    const { ResourceTagMappingList = [] } = await index.send(new GetResourcesCommand({ TagFilters: [{ Key: 'clusterwright:uid', Values: [facts.uid] }] }));
    expect(ResourceTagMappingList.map(({ ResourceARN }) => ResourceARN)).toContain(machine.outputs['arn']);
    expect((await search()).map(({ kind }) => kind)).not.toContain(tokens.instance);
  });

  it('finds roles by name, secrets by path, and what Kubernetes made', async () => {
    make(tokens.role, { name: 'pay-u1b2c3-worker', assumeRolePolicy: '{"Version":"2012-10-17","Statement":[]}' });
    make(tokens.role, { name: 'pay-v9v9v9-worker', assumeRolePolicy: '{"Version":"2012-10-17","Statement":[]}' });
    aws.parameters.put(region, `/clusterwright/${facts.uid}/join/token`, 'abc', 'SecureString');
    await balancer('web');

    const ids = (await search()).map(({ id }) => id.slice(id.lastIndexOf('/') + 1));

    expect(ids).toEqual(expect.arrayContaining(['pay-u1b2c3-worker', 'token', ofType(tokens.classicLoadBalancer)[0]?.id]));
    expect(ids).not.toContain('pay-v9v9v9-worker');
  });

  it('asks the cloud until when it keeps a deleted key', async () => {
    const key = make(tokens.key, { description: 'k', deletionWindowInDays: 7, tags: tags('key') });
    const arn = z.string().parse(key.outputs['arn']);
    expect((await search()).find(({ id }) => id === arn)?.keptUntil).toBeUndefined();

    sandbox.inventory.delete(key);

    const until = sandbox.inventory.kept('pay').find(({ id }) => id === key.id)?.until ?? 0;
    expect((await search([arn])).find(({ id }) => id === arn)?.keptUntil).toBe(new Date(until).toISOString());
    sandbox.clock.advance(8 * 86_400);
    expect((await search([arn])).find(({ id }) => id === arn)).toBeUndefined();
  });
});

describe('draining by tag', () => {
  it('deletes what the cluster made, in the order that the cloud demands', async () => {
    await balancer('web');
    await balancer('edge', { 'service.beta.kubernetes.io/aws-load-balancer-type': 'nlb' });
    await database(2);

    const first = await cloud.removeMadeByKubernetes(scope);

    expect(first.remaining).toEqual([]);
    expect(first.removed).toHaveLength(6);
    expect(await made()).toEqual([]);
    expect(ofType(tokens.securityGroup).map(({ outputs }) => outputs['name'])).toEqual(['pay-nodes']);
  });

  it('leaves alone what is not the cluster\'s: the stack\'s parts, other networks, other creations of the name', async () => {
    const others = { name: 'pay', uid: 'v9v9v9v9v9v9', installation: 'i2' };
    const elsewhere = make(tokens.vpc, { cidrBlock: '10.30.0.0/16', tags: clusterTags(others, 'vpc') });
    make(tokens.securityGroup, { name: 'k8s-elb-other', description: 'other', vpcId: elsewhere.id, tags: owned });
    const disk = (more: Record<string, string>) => make(tokens.volume, { availabilityZone: `${region}a`, size: 8, tags: { ...owned, ...more } });
    disk(clusterTags(others, 'volume'));
    disk({});
    const part = disk(tags('control-plane-1-etcd'));
    await claim('data');

    const { removed } = await cloud.removeMadeByKubernetes({ ...scope, known: new Set([...scope.known, part.id]) });

    expect(removed.map(({ kind }) => kind)).toEqual([tokens.volume]);
    expect(ofType(tokens.volume)).toHaveLength(3);
    expect(ofType(tokens.securityGroup)).toHaveLength(2);
  });

  it('waits for disks that are in use', async () => {
    await claim('data');
    const [volume] = ofType(tokens.volume);
    const machine = make(tokens.instance, { ami: 'ami-0123456789abcdef0', instanceType: 'm7i.large', subnetId: ofType(tokens.subnet)[0]?.id ?? '' });
    const attachment = make(tokens.volumeAttachment, { instanceId: machine.id, volumeId: volume?.id ?? '', deviceName: '/dev/sdf' });

    expect(await cloud.removeMadeByKubernetes(scope)).toMatchObject({ removed: [], remaining: [{ kind: tokens.volume }] });
    sandbox.inventory.delete(attachment);
    expect(await cloud.removeMadeByKubernetes(scope)).toMatchObject({ removed: [{ kind: tokens.volume }], remaining: [] });
  });
});
