import { createHash } from 'node:crypto';
import type { NodeFacts } from '../../../model/rendezvous.js';
import type { Item } from '../../inventory/item.js';
import { tagMap } from '../../inventory/tags.js';
import { isRecord, listAt, type KubeObject } from '../../kubernetes/json.js';
import type { PropertyMap } from '../../protocol/values.js';
import { text } from '../../provider/properties.js';
import type { Cloud } from '../cloud.js';
import { AwsError } from '../errors.js';
import { admitNew } from '../lifecycle.js';
import { resourceType } from '../types/index.js';
import * as tokens from '../types/tokens.js';

const annotation = (name: string): string => `service.beta.kubernetes.io/aws-load-balancer-${name}`;

/** Whose controllers make something, and where. */
export interface Made {
  readonly cloud: Cloud;
  readonly facts: NodeFacts;
}

/**
 * What the cloud provider for AWS makes of a Service: a Classic Load Balancer with a security group, or a Network Load Balancer with target groups where its
 * annotation asks for that. Answers the load balancer's name. https://cloud-provider-aws.sigs.k8s.io/service_controller/
 */
export function makeBalancer(context: Made, service: KubeObject): string {
  const { cloud, facts } = context;
  const vpc = cloud.inventory.ofType(tokens.vpc).find(({ uid }) => uid === facts.uid);
  if (vpc === undefined) throw new AwsError('InvalidVpcID.NotFound', 'the cluster has no network');
  const internal = service.metadata.annotations?.[annotation('internal')] === 'true';
  const subnets = subnetsFor(context, vpc, internal);
  // Before anything is made, or the next try would find its own security group in the way.
  if (subnets.length === 0) throw new AwsError('ValidationError', 'could not find any suitable subnets for creating the ELB');
  const name = `a${(service.metadata.uid ?? '').replaceAll('-', '')}`.slice(0, 32);
  const tags = tagsOf(context, service);
  const ports = listAt(service, 'spec', 'ports').filter(isRecord).map((port) => Number(port['port']));
  const make = (token: string, inputs: PropertyMap): Item => {
    const item = admitNew(cloud, resourceType(token), facts.region, inputs);
    const owned = { ...item, cluster: facts.cluster, uid: facts.uid, resource: `service ${serviceName(service)}` };
    cloud.inventory.update(owned);
    return owned;
  };
  if (service.metadata.annotations?.[annotation('type')] === 'nlb') {
    const balancer = make(tokens.loadBalancer, { name, loadBalancerType: 'network', internal, subnets, tags });
    for (const port of ports) {
      const group = make(tokens.targetGroup, { name: targetGroupName(service, port), port: 30_000 + (port % 2768), protocol: 'TCP', vpcId: vpc.id, tags });
      make(tokens.listener, { loadBalancerArn: balancer.id, port, protocol: 'TCP', defaultActions: [{ type: 'forward', targetGroupArn: group.id }], tags });
    }
    return text(balancer.outputs, 'dnsName') ?? '';
  }
  const group = make(tokens.securityGroup, {
    name: `k8s-elb-${name}`, description: `Security group for Kubernetes ELB ${name} (${serviceName(service)})`, vpcId: vpc.id, tags,
    ingress: ports.map((port) => ({ protocol: 'tcp', fromPort: port, toPort: port, cidrBlocks: ['0.0.0.0/0'] })),
    egress: [{ protocol: '-1', fromPort: 0, toPort: 0, cidrBlocks: ['0.0.0.0/0'] }],
  });
  const balancer = make(tokens.classicLoadBalancer, {
    name, internal, subnets, securityGroups: [group.id], tags,
    listeners: ports.map((port) => ({ lbPort: port, lbProtocol: 'tcp', instancePort: 30_000 + (port % 2768), instanceProtocol: 'tcp' })),
  });
  // The machines let the load balancer in: a rule in a group of the program's that points at the controller's own.
  const nodes = cloud.inventory.childrenOf(vpc, tokens.securityGroup).find((item) => item.id !== group.id && !isOfService(item) && tagMap(item.outputs['tagsAll'])[ownership(context)] === 'owned');
  if (nodes !== undefined) make(tokens.ingressRule, { securityGroupId: nodes.id, ipProtocol: '-1', referencedSecurityGroupId: group.id });
  return text(balancer.outputs, 'dnsName') ?? '';
}

/** Removes what a Service has in the cloud, in the order that the cloud demands. */
export function removeBalancer({ cloud, facts }: Made, service: KubeObject): void {
  const own = cloud.inventory.list(facts.cluster).filter((item) => item.uid === facts.uid && tagMap(item.outputs['tagsAll'] ?? item.outputs['tags'])[serviceTag] === serviceName(service));
  const groups = own.filter(({ type }) => type === tokens.securityGroup).map(({ id }) => id);
  for (const rule of cloud.inventory.ofType(tokens.ingressRule)) if (groups.includes(text(rule.outputs, 'referencedSecurityGroupId') ?? '')) cloud.inventory.delete(rule);
  for (const type of [tokens.listener, tokens.loadBalancer, tokens.classicLoadBalancer, tokens.targetGroup, tokens.securityGroup]) {
    for (const item of own) if (item.type === type) cloud.inventory.delete(item);
  }
}

const serviceTag = 'kubernetes.io/service-name';

function ownership({ facts }: Pick<Made, 'facts'>): string {
  return `kubernetes.io/cluster/${facts.cluster}`;
}

/** The controller's tags, and those of the annotation for more. */
function tagsOf(context: Made, service: KubeObject): Record<string, string> {
  const more = service.metadata.annotations?.[annotation('additional-resource-tags')] ?? '';
  const additional = more.split(',').filter((pair) => pair.includes('=')).map((pair) => [pair.slice(0, pair.indexOf('=')).trim(), pair.slice(pair.indexOf('=') + 1).trim()]);
  return { ...Object.fromEntries(additional) as Record<string, string>, [ownership(context)]: 'owned', [serviceTag]: serviceName(service) };
}

function isOfService(item: Item): boolean {
  return tagMap(item.outputs['tagsAll'])[serviceTag] !== undefined;
}

function serviceName({ metadata }: KubeObject): string {
  return `${metadata.namespace ?? ''}/${metadata.name}`;
}

/** One subnet a zone, of those that are tagged for the purpose. */
function subnetsFor(context: Made, vpc: Item, internal: boolean): string[] {
  const role = internal ? 'kubernetes.io/role/internal-elb' : 'kubernetes.io/role/elb';
  const byZone = new Map<string, string>();
  for (const subnet of context.cloud.inventory.childrenOf(vpc, tokens.subnet)) {
    const tags = tagMap(subnet.outputs['tagsAll']);
    const zone = text(subnet.outputs, 'availabilityZone') ?? '';
    if (tags[role] !== undefined && tags[ownership(context)] !== undefined && !byZone.has(zone)) byZone.set(zone, subnet.id);
  }
  return [...byZone.values()];
}

/** `k8s-<namespace>-<name>-<hash>`, 32 characters at most. */
function targetGroupName(service: KubeObject, port: number): string {
  const hash = createHash('sha256').update(`${service.metadata.uid ?? ''}/${port}`).digest('hex').slice(0, 10);
  return `k8s-${(service.metadata.namespace ?? '').slice(0, 8)}-${service.metadata.name.slice(0, 8)}-${hash}`.replace(/-+/g, '-');
}
