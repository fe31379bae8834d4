import {
  DeleteLoadBalancerCommand as DeleteClassicCommand, DescribeTagsCommand as DescribeClassicTagsCommand, ElasticLoadBalancingClient, paginateDescribeLoadBalancers as paginateClassic,
} from '@aws-sdk/client-elastic-load-balancing';
import {
  DeleteLoadBalancerCommand, DeleteTargetGroupCommand, DescribeTagsCommand, ElasticLoadBalancingV2Client, paginateDescribeLoadBalancers, paginateDescribeTargetGroups,
} from '@aws-sdk/client-elastic-load-balancing-v2';
import type { ClusterScope } from '../../cloud.js';
import type { AwsConnection } from '../connection.js';
import { madeByKubernetes, type AwsTag } from './ownership.js';
import type { MadeThing, Territory } from './thing.js';

/** Both services list the tags of this many in one call. */
const tagBatch = 20;

/** Load balancers of both generations and target groups that Kubernetes made in the cluster's networks. */
export class Balancers {
  readonly #classic: ElasticLoadBalancingClient;
  readonly #current: ElasticLoadBalancingV2Client;

  constructor(connection: AwsConnection) {
    this.#classic = connection.client('elasticloadbalancing', ElasticLoadBalancingClient);
    this.#current = connection.client('elasticloadbalancing', ElasticLoadBalancingV2Client);
  }

  /** Load balancers first: what they hold can only go after them. */
  async find(scope: ClusterScope, territory: Territory): Promise<MadeThing[]> {
    const [classic, current, groups] = await Promise.all([this.#classicOf(scope, territory), this.#currentOf(scope, territory), this.#groupsOf(scope, territory)]);
    return [...classic, ...current, ...groups];
  }

  async #classicOf(scope: ClusterScope, { accountId, region, networks }: Territory): Promise<MadeThing[]> {
    const names: string[] = [];
    for await (const { LoadBalancerDescriptions = [] } of paginateClassic({ client: this.#classic }, {})) {
      names.push(...LoadBalancerDescriptions.flatMap(({ LoadBalancerName, VPCId }) => (LoadBalancerName !== undefined && networks.has(VPCId ?? '') ? LoadBalancerName : [])));
    }
    const tagged = await inBatches(names, async (batch) => (await this.#classic.send(new DescribeClassicTagsCommand({ LoadBalancerNames: batch }))).TagDescriptions ?? []);
    return tagged.flatMap(({ LoadBalancerName: name, Tags }) => name === undefined || !madeByKubernetes(scope, [name], Tags ?? []) ? [] : {
      id: `arn:aws:elasticloadbalancing:${region}:${accountId}:loadbalancer/${name}`, kind: 'aws:elb/loadBalancer:LoadBalancer',
      remove: () => this.#classic.send(new DeleteClassicCommand({ LoadBalancerName: name })),
    });
  }

  async #currentOf(scope: ClusterScope, { networks }: Territory): Promise<MadeThing[]> {
    const arns: string[] = [];
    for await (const { LoadBalancers = [] } of paginateDescribeLoadBalancers({ client: this.#current }, {})) {
      arns.push(...LoadBalancers.flatMap(({ LoadBalancerArn, VpcId }) => (LoadBalancerArn !== undefined && networks.has(VpcId ?? '') ? LoadBalancerArn : [])));
    }
    const made = await this.#made(scope, arns);
    return made.map((id) => ({ id, kind: 'aws:lb/loadBalancer:LoadBalancer', remove: () => this.#current.send(new DeleteLoadBalancerCommand({ LoadBalancerArn: id })) }));
  }

  async #groupsOf(scope: ClusterScope, { networks }: Territory): Promise<MadeThing[]> {
    const arns: string[] = [];
    for await (const { TargetGroups = [] } of paginateDescribeTargetGroups({ client: this.#current }, {})) {
      arns.push(...TargetGroups.flatMap(({ TargetGroupArn, VpcId }) => (TargetGroupArn !== undefined && networks.has(VpcId ?? '') ? TargetGroupArn : [])));
    }
    const made = await this.#made(scope, arns);
    return made.map((id) => ({ id, kind: 'aws:lb/targetGroup:TargetGroup', remove: () => this.#current.send(new DeleteTargetGroupCommand({ TargetGroupArn: id })) }));
  }

  async #made(scope: ClusterScope, arns: readonly string[]): Promise<string[]> {
    const tagged = await inBatches(arns.filter((arn) => !scope.known.has(arn)), async (batch) => (await this.#current.send(new DescribeTagsCommand({ ResourceArns: batch }))).TagDescriptions ?? []);
    return tagged.flatMap(({ ResourceArn, Tags }: { ResourceArn?: string | undefined; Tags?: AwsTag[] | undefined }) => (ResourceArn !== undefined && madeByKubernetes(scope, [ResourceArn], Tags ?? []) ? ResourceArn : []));
  }
}

async function inBatches<T>(all: readonly string[], read: (batch: string[]) => Promise<T[]>): Promise<T[]> {
  const found: T[] = [];
  for (let from = 0; from < all.length; from += tagBatch) found.push(...(await read(all.slice(from, from + tagBatch))));
  return found;
}
