import { mkdtemp, rm } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { clusterTags } from '../../../model/names.js';
import type { NodeFacts } from '../../../model/rendezvous.js';
import { startAws } from '../../../sandbox/aws/index.js';
import { awsControllers } from '../../../sandbox/aws/kubernetes/controllers.js';
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
import { openSandbox } from '../../../sandbox/sandbox.js';
import { AwsCloud } from '../../../worker/cloud/aws/index.js';
import type { ClusterScope } from '../../../worker/cloud/index.js';
import { KubernetesClient } from '../../../worker/kubernetes/client.js';

/** Where the cluster is. */
export const region = 'eu-west-1';
/** What the cluster's nodes know of it. */
export const facts: NodeFacts = {
  schema: 1, cluster: 'pay', uid: 'u1b2c3d4e5f6', region, role: 'control-plane', pool: null, index: 1, controlPlanes: 1, kubernetesVersion: '1.35', kubernetesRelease: '1.35.0',
  endpoint: 'api.pay.clusterwright.internal', port: 6443, podCidr: '10.244.0.0/16', serviceCidr: '10.96.0.0/12', rendezvous: { provider: 'aws', bucket: 'pay-backups', parameterPrefix: '/clusterwright/u1b2c3d4e5f6', key: 'alias/pay-u1b2c3-key' }, issuer: null, entra: { tenantId: 't', clientId: 'c' }, sshKeys: [], registryMirrors: {}, labels: {}, taints: [],
};
/** The tag by which the cluster's controllers know what is theirs. */
export const owned = { 'kubernetes.io/cluster/pay': 'owned' };
/** The tags of one of the cluster's own parts. */
export const tags = (resource: string, more: Record<string, string> = {}) => ({ ...clusterTags({ name: 'pay', uid: facts.uid, installation: 'i1' }, resource), ...more });

export type BusyCluster = Awaited<ReturnType<typeof openBusyCluster>>;

/** The cluster "pay" on an emulated AWS, without machines: its API server runs, and its controllers make load balancers and disks. Each test has one of its own. */
export async function openBusyCluster() {
  const environment = { ...process.env };
  Object.assign(process.env, { AWS_ACCESS_KEY_ID: 'sandbox', AWS_SECRET_ACCESS_KEY: 'sandbox' });
  const home = await mkdtemp(path.join(os.tmpdir(), 'drain-'));
  const sandbox = await openSandbox(home, 0);
  const aws = await startAws(sandbox);
  const endpoints = Object.fromEntries(['ec2', 'elasticloadbalancing', 'ssm', 'iam', 'autoscaling', 'kms', 'resourcegroupstaggingapi'].map((service) => [service, aws.endpoint]));
  const cloud = new AwsCloud({ name: 'pay', uid: facts.uid, region }, { provider: 'aws', accountId: '123456789012', reach: { type: 'public' }, endpoints });

  const make = (token: string, inputs: PropertyMap): Item => admitNew(aws.cloud, resourceType(token), region, inputs);
  const vpc = make(tokens.vpc, { cidrBlock: '10.20.0.0/16', tags: tags('vpc') });
  make(tokens.internetGateway, { vpcId: vpc.id, tags: tags('internet-gateway') });
  const subnets = ['a', 'b'].map((zone, index) => make(tokens.subnet, { vpcId: vpc.id, cidrBlock: `10.20.${index}.0/24`, availabilityZone: `${region}${zone}`, tags: tags(`subnet-public-${zone}`, { ...owned, 'kubernetes.io/role/elb': '1' }) }));
  const group = make(tokens.securityGroup, { name: 'pay-nodes', description: 'nodes', vpcId: vpc.id, tags: tags('security-group-nodes', owned) });
  const scope: ClusterScope = { name: 'pay', uid: facts.uid, known: new Set([vpc, group, ...subnets].map(({ id }) => id)) };

  const journal = await Journal.open(path.join(home, 'objects.jsonl'));
  const api = new ClusterApi(journal, () => Date.now(), { workloadStart: 0, namespaceEnd: 0 }, cloudControllers(awsControllers(aws.cloud, facts)));
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
  const server = await ApiServer.start(api, { host, port: facts.port, server: await authority.issueServer([facts.endpoint], [host]), authority: authority.certificate, release: '1.35.0' });
  const network = { domain: 'clusterwright.internal' } as ConstructorParameters<typeof KubernetesClient>[0]['network'];
  const client = new KubernetesClient({ name: 'pay', network }, { address: host, certificateAuthority: authority.certificate }, { ...provisioner, notAfter: '2027-01-01T00:00:00.000Z' });

  const ofType = (token: string): Item[] => sandbox.inventory.ofType(token);
  const balancer = (name: string, annotations: Record<string, string> = {}) => client.apply(`/api/v1/namespaces/default/services/${name}`, {
    apiVersion: 'v1', kind: 'Service', metadata: { name, annotations }, spec: { type: 'LoadBalancer', selector: { app: name }, ports: [{ port: 80, protocol: 'TCP' }] },
  });
  const claim = (name: string, storageClassName?: string) => client.apply(`/api/v1/namespaces/default/persistentvolumeclaims/${name}`, {
    apiVersion: 'v1', kind: 'PersistentVolumeClaim', metadata: { name }, spec: { accessModes: ['ReadWriteOnce'], resources: { requests: { storage: '8Gi' } }, ...(storageClassName === undefined ? {} : { storageClassName }) },
  });
  const database = (replicas: number) => client.apply('/apis/apps/v1/namespaces/default/statefulsets/database', {
    apiVersion: 'apps/v1', kind: 'StatefulSet', metadata: { name: 'database' },
    spec: {
      replicas, serviceName: 'database', selector: { matchLabels: { app: 'database' } }, template: { metadata: { labels: { app: 'database' } }, spec: { containers: [{ name: 'main', image: 'x:1' }] } },
      volumeClaimTemplates: [{ metadata: { name: 'data' }, spec: { accessModes: ['ReadWriteOnce'], resources: { requests: { storage: '8Gi' } } } }],
    },
  });

  let serving = true;
  const stopServing = async (): Promise<void> => {
    if (serving) await server.stop();
    serving = false;
  };
  return {
    sandbox, aws, cloud, scope, vpc, api, client,
    /** Makes a resource of a type in the cloud, as the engine would. */
    make,
    /** The cloud's resources of a type. */
    ofType,
    /** What Kubernetes made and is there, by kind. */
    made: async (): Promise<string[]> => (await cloud.madeByKubernetes(scope)).map(({ kind }) => kind.slice(kind.lastIndexOf(':') + 1)).sort(),
    /** Creates a Service of type LoadBalancer. */
    balancer,
    /** Creates a claim of a disk. */
    claim,
    /** Creates or scales a StatefulSet with a disk for each pod. */
    database,
    /** Ends the API server. */
    stopServing,
    close: async (): Promise<void> => {
      client.close();
      await stopServing();
      await journal.close();
      await aws.close();
      await sandbox.journal.close();
      await rm(home, { recursive: true });
      process.env = environment;
    },
  };
}
