import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { resourceType } from '../../../sandbox/aws/types/index.js';
import * as tokens from '../../../sandbox/aws/types/tokens.js';
import { KubernetesError } from '../../../worker/kubernetes/client.js';
import { blockCreation, drainRound, isDrained } from '../../../worker/kubernetes/drain.js';
import { facts, openBusyCluster, owned, type BusyCluster } from './busy-cluster.js';

let pay: BusyCluster;

beforeEach(async () => {
  pay = await openBusyCluster();
});
afterEach(() => pay.close());

describe('a cluster that makes things in the cloud', () => {
  it('has load balancers and disks with the tags of the real controllers', async () => {
    await pay.balancer('web');
    await pay.balancer('edge', { 'service.beta.kubernetes.io/aws-load-balancer-type': 'nlb' });
    await pay.database(2);

    expect(await pay.made()).toEqual(['LoadBalancer', 'LoadBalancer', 'SecurityGroup', 'TargetGroup', 'Volume', 'Volume']);
    expect(pay.ofType(tokens.volume)[0]?.outputs['tags']).toMatchObject({ 'ebs.csi.aws.com/cluster': 'true', 'kubernetes.io/created-for/pvc/name': 'data-database-0', 'clusterwright:uid': facts.uid, ...owned });
    expect(pay.ofType(tokens.classicLoadBalancer)[0]?.outputs['tags']).toEqual({ ...owned, 'kubernetes.io/service-name': 'default/web' });
    expect(pay.api.find('v1', 'Service', 'web', 'default')).toMatchObject({ metadata: { finalizers: ['service.kubernetes.io/load-balancer-cleanup'] }, status: { loadBalancer: { ingress: [{ hostname: expect.any(String) as string }] } } });
    expect(pay.sandbox.inventory.list('pay').filter(({ resource }) => resource === 'service default/web').map(({ type }) => type).sort()).toEqual([tokens.securityGroup, tokens.classicLoadBalancer, tokens.ingressRule].sort());
    const blocker = resourceType(tokens.subnet).blocker?.(pay.ofType(tokens.subnet)[0] ?? pay.vpc, pay.aws.cloud);
    expect(blocker).toMatchObject({ code: 'DependencyViolation' });
  });

  it('keeps a claim that is mounted, and a disk that is to be retained', async () => {
    await pay.database(1);
    await pay.claim('old', 'kept');
    await pay.client.remove('/api/v1/namespaces/default/persistentvolumeclaims/data-database-0');
    await pay.client.remove('/api/v1/namespaces/default/persistentvolumeclaims/old');

    expect(pay.api.find('v1', 'PersistentVolumeClaim', 'data-database-0', 'default')?.metadata.deletionTimestamp).toEqual(expect.any(String));
    expect(pay.api.find('v1', 'PersistentVolumeClaim', 'old', 'default')).toBeUndefined();
    expect(pay.ofType(tokens.volume)).toHaveLength(2);
  });
});

describe('draining through the API server', () => {
  it('blocks what would make anything new, and nothing else', async () => {
    await pay.balancer('web');
    await pay.claim('data');

    expect(await blockCreation(pay.client)).toBe(true);

    const forbidden = { status: 403 };
    await expect(pay.balancer('more')).rejects.toMatchObject(forbidden);
    await expect(pay.claim('more')).rejects.toMatchObject(forbidden);
    await expect(pay.client.apply('/api/v1/namespaces/default/pods/p', { apiVersion: 'v1', kind: 'Pod', metadata: { name: 'p' }, spec: { containers: [{ name: 'm', image: 'x' }], volumes: [{ name: 'd', persistentVolumeClaim: { claimName: 'data' } }] } })).rejects.toMatchObject(forbidden);
    await pay.client.apply('/api/v1/namespaces/default/pods/q', { apiVersion: 'v1', kind: 'Pod', metadata: { name: 'q' }, spec: { containers: [{ name: 'm', image: 'x' }] } });
    await pay.client.apply('/api/v1/namespaces/default/services/inner', { apiVersion: 'v1', kind: 'Service', metadata: { name: 'inner' }, spec: { ports: [{ port: 80, protocol: 'TCP' }] } });
    await expect(pay.client.merge('/api/v1/namespaces/default/services/inner', { spec: { type: 'LoadBalancer' } })).rejects.toMatchObject(forbidden);
    expect(await pay.client.merge('/api/v1/namespaces/default/services/web', { metadata: { labels: { touched: 'yes' } } })).toBe(true);
    await pay.database(3);
    expect(pay.api.objects('/persistentvolumeclaims').map(({ metadata }) => metadata.name)).toEqual(['data']);
  });

  it('has the controllers remove all they made, mounted and retained disks included', async () => {
    await pay.balancer('web');
    await pay.balancer('edge', { 'service.beta.kubernetes.io/aws-load-balancer-type': 'nlb' });
    await pay.database(3);
    await pay.claim('old', 'kept');
    await pay.claim('gone', 'kept');
    await pay.client.remove('/api/v1/namespaces/default/persistentvolumeclaims/gone');
    expect(pay.ofType(tokens.volume)).toHaveLength(5);
    await blockCreation(pay.client);

    expect(await drainRound(pay.client)).toEqual({ services: 2, gateways: 0, claims: 4, volumes: 5 });
    expect(isDrained(await drainRound(pay.client))).toBe(true);

    expect(await pay.made()).toEqual([]);
    expect(pay.sandbox.inventory.list('pay').filter(({ resource }) => /^(service|volume) /.test(resource ?? ''))).toEqual([]);
    expect(pay.api.find('apps/v1', 'StatefulSet', 'database', 'default')).toMatchObject({ spec: { replicas: 0 } });
  });

  it('deletes gateways where the kind exists', async () => {
    const definition = { group: 'gateway.networking.k8s.io', scope: 'Namespaced', names: { kind: 'Gateway', plural: 'gateways' }, versions: [{ name: 'v1', served: true, storage: true, schema: { openAPIV3Schema: { type: 'object' } } }] };
    await pay.client.apply('/apis/apiextensions.k8s.io/v1/customresourcedefinitions/gateways.gateway.networking.k8s.io', { apiVersion: 'apiextensions.k8s.io/v1', kind: 'CustomResourceDefinition', metadata: { name: 'gateways.gateway.networking.k8s.io' }, spec: definition });
    await pay.client.apply('/apis/gateway.networking.k8s.io/v1/namespaces/default/gateways/front', { apiVersion: 'gateway.networking.k8s.io/v1', kind: 'Gateway', metadata: { name: 'front' }, spec: {} });

    expect(await drainRound(pay.client)).toMatchObject({ gateways: 1 });
    expect(isDrained(await drainRound(pay.client))).toBe(true);
  });

  it('says when the API server is gone', async () => {
    await pay.stopServing();
    await expect(drainRound(pay.client)).rejects.toBeInstanceOf(KubernetesError);
  });
});
