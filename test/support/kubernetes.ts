import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { DescribeLoadBalancersCommand, ElasticLoadBalancingV2Client } from '@aws-sdk/client-elastic-load-balancing-v2';
import { GetParameterCommand, GetParametersByPathCommand, SSMClient } from '@aws-sdk/client-ssm';
import { Agent, fetch } from 'undici';
import { z } from 'zod';
import { apiServerPort, endpointName, physicalName } from '../../model/names.js';
import { parameterPrefix, provisionerClientSchema, secretName, secretNames } from '../../model/rendezvous.js';
import { AzureConnection } from '../../worker/cloud/azure/connection.js';
import { AzureCloud } from '../../worker/cloud/azure/index.js';
import { azureSandboxAccount } from './infrastructure-input.js';
import type { Portal } from './portal.js';
import type { RunningService } from './service.js';

const clusterSchema = z.object({ name: z.string(), uid: z.string(), spec: z.object({ provider: z.string(), region: z.string(), network: z.object({ domain: z.string() }) }) });
type Cluster = z.infer<typeof clusterSchema>;

/** What a cluster is called by its callers. */
export async function clusterOf(portal: Portal, name: string): Promise<Cluster> {
  return clusterSchema.parse(await portal.cluster(name));
}

/** Configuration of SDK clients that talk to the service's emulated AWS. */
export async function emulatedAws(service: Pick<RunningService, 'home'>, region: string) {
  const { endpoints } = z.object({ endpoints: z.object({ aws: z.string() }) }).parse(JSON.parse(await readFile(path.join(service.home, 'sandbox.json'), 'utf8')));
  return { endpoint: endpoints.aws, region, credentials: { accessKeyId: 'sandbox', secretAccessKey: 'sandbox' }, maxAttempts: 2 };
}

/** Names of the parameters that a cluster has in the secret store. */
export async function parameterNames(service: Pick<RunningService, 'home'>, { uid, spec }: Cluster): Promise<string[]> {
  const ssm = new SSMClient(await emulatedAws(service, spec.region));
  const { Parameters = [] } = await ssm.send(new GetParametersByPathCommand({ Path: parameterPrefix(uid), Recursive: true }));
  return Parameters.flatMap(({ Name }) => Name ?? []);
}

/** Somebody with kubectl: calls a cluster's API server with the provisioner's certificate. */
export class KubernetesCaller {
  private constructor(private readonly base: string, private readonly agent: Agent) {}

  static async open(service: Pick<RunningService, 'home'>, { name, uid, spec }: Cluster): Promise<KubernetesCaller> {
    if (spec.provider === 'azure') return KubernetesCaller.#openOnAzure(service, { name, uid, spec });
    const aws = await emulatedAws(service, spec.region);
    const ssm = new SSMClient(aws);
    const read = async (secret: Parameters<typeof secretName>[1]): Promise<string> => (await ssm.send(new GetParameterCommand({ Name: secretName(uid, secret), WithDecryption: true }))).Parameter?.Value ?? '';
    const { LoadBalancers = [] } = await new ElasticLoadBalancingV2Client(aws).send(new DescribeLoadBalancersCommand({}));
    const address = LoadBalancers.find(({ LoadBalancerName }) => LoadBalancerName === physicalName({ name, uid }, 'api', 32))?.DNSName;
    const { certificate, key } = provisionerClientSchema.parse(JSON.parse(await read(secretNames.provisionerClient)));
    const connect = { ca: await read(secretNames.certificateAuthority), cert: certificate, key, servername: endpointName(name, spec.network.domain) };
    return new KubernetesCaller(`https://${address ?? ''}:${apiServerPort}`, new Agent({ connect }));
  }

  /** On Azure: with what the worker itself finds. */
  static async #openOnAzure(service: Pick<RunningService, 'home'>, { name, uid, spec }: Cluster): Promise<KubernetesCaller> {
    const { environment } = z.object({ environment: z.record(z.string(), z.string()) }).parse(JSON.parse(await readFile(path.join(service.home, 'sandbox.json'), 'utf8')));
    Object.assign(process.env, environment);
    // As an account of its own: connections are shared by account, and there are more sandboxes than this one.
    const account = { ...azureSandboxAccount };
    const { certificateAuthority: ca = '', provisioner } = await new AzureCloud({ name, uid, region: spec.region }, account).secrets();
    const balancer = `/subscriptions/${azureSandboxAccount.subscriptionId}/resourceGroups/${physicalName({ name, uid }, 'group')}/providers/Microsoft.Network/loadBalancers/${physicalName({ name, uid }, 'api')}`;
    const schema = z.object({ properties: z.object({ frontendIPConfigurations: z.array(z.object({ privateIPAddress: z.string() })) }) });
    const found = await AzureConnection.of(account).read('management', AzureConnection.management(balancer, '2024-05-01'), schema);
    const connect = { ca, cert: provisioner?.certificate ?? '', key: provisioner?.key ?? '', servername: endpointName(name, spec.network.domain) };
    return new KubernetesCaller(`https://${found?.properties.frontendIPConfigurations[0]?.privateIPAddress ?? ''}:${apiServerPort}`, new Agent({ connect }));
  }

  /** Sends JSON; rejects where the answer is no success. */
  async call(method: string, resource: string, body?: unknown): Promise<unknown> {
    const answer = await fetch(this.base + resource, { method, dispatcher: this.agent, ...(body === undefined ? {} : { body: JSON.stringify(body), headers: { 'content-type': 'application/json' } }) });
    const text = await answer.text();
    if (!answer.ok) throw new Error(`${method} ${resource}: ${answer.status} ${text}`);
    return JSON.parse(text);
  }

  /** Has the API server say of a simulated node that nobody has heard of its kubelet for a long time. */
  async silence(node: string): Promise<void> {
    const object = z.looseObject({ status: z.looseObject({}) }).parse(await this.call('GET', `/api/v1/nodes/${node}`));
    await this.call('PUT', `/api/v1/nodes/${node}/status`, { ...object, status: { ...object.status, conditions: [{ type: 'Ready', status: 'Unknown', reason: 'NodeStatusUnknown', lastTransitionTime: '2026-01-01T00:00:00Z' }] } });
  }

  /** A Service of type LoadBalancer in the namespace default. */
  async makeLoadBalancer(name: string, annotations: Record<string, string> = {}): Promise<void> {
    await this.call('POST', '/api/v1/namespaces/default/services', { apiVersion: 'v1', kind: 'Service', metadata: { name, annotations }, spec: { type: 'LoadBalancer', selector: { app: name }, ports: [{ port: 80 }] } });
  }

  /** A StatefulSet in the namespace default with a disk for each of its pods. */
  async makeDisks(name: string, count: number): Promise<void> {
    await this.call('POST', '/apis/apps/v1/namespaces/default/statefulsets', {
      apiVersion: 'apps/v1', kind: 'StatefulSet', metadata: { name },
      spec: {
        replicas: count, serviceName: name, selector: { matchLabels: { app: name } },
        template: { metadata: { labels: { app: name } }, spec: { containers: [{ name: 'main', image: 'example/database:1', volumeMounts: [{ name: 'data', mountPath: '/data' }] }] } },
        volumeClaimTemplates: [{ metadata: { name: 'data' }, spec: { accessModes: ['ReadWriteOnce'], resources: { requests: { storage: '8Gi' } } } }],
      },
    });
  }

  async close(): Promise<void> {
    await this.agent.destroy();
  }
}
