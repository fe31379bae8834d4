import type { Item } from '../../inventory/item.js';
import { lookUp, type Cloud } from '../cloud.js';
import { AwsError } from '../errors.js';
import { text, texts } from '../../provider/properties.js';
import { resourceType } from '../types/index.js';
import * as tokens from '../types/tokens.js';
import { members, memberList, queryResult, tagList } from './query-result.js';
import { element } from './wire.js';

interface Context {
  readonly cloud: Cloud;
  readonly region: string;
}

/** Elastic Load Balancing of 2012: Classic Load Balancers. */
export function classicLoadBalancing(action: string, form: URLSearchParams, context: Context): string {
  const answer = (content: string): string => queryResult(action, 'http://elasticloadbalancing.amazonaws.com/doc/2012-06-01/', content);
  switch (action) {
    case 'DescribeLoadBalancers':
      return answer(memberList('LoadBalancerDescriptions', inRegion(tokens.classicLoadBalancer, context, members(form, 'LoadBalancerNames'), 'LoadBalancerNotFound').map((item) =>
        element('LoadBalancerName', item.id) + element('DNSName', text(item.outputs, 'dnsName')) + element('VPCId', vpcOf(item, context)) + memberList('Subnets', texts(item.outputs, 'subnets')))));
    case 'DescribeTags':
      return answer(memberList('TagDescriptions', inRegion(tokens.classicLoadBalancer, context, members(form, 'LoadBalancerNames'), 'LoadBalancerNotFound').map((item) => element('LoadBalancerName', item.id) + tagList(item))));
    case 'DeleteLoadBalancer':
      // It succeeds for what is not there, as AWS does.
      context.cloud.inventory.delete({ type: tokens.classicLoadBalancer, id: form.get('LoadBalancerName') ?? '' });
      return answer('');
    default:
      throw new AwsError('InvalidAction', `the sandbox does not imitate elasticloadbalancing:${action} of 2012`);
  }
}

/** Elastic Load Balancing of 2015: Network and Application Load Balancers. */
export function loadBalancing(action: string, form: URLSearchParams, context: Context): string {
  const answer = (content: string): string => queryResult(action, 'http://elasticloadbalancing.amazonaws.com/doc/2015-12-01/', content);
  switch (action) {
    case 'DescribeLoadBalancers':
      return answer(memberList('LoadBalancers', inRegion(tokens.loadBalancer, context, members(form, 'LoadBalancerArns'), 'LoadBalancerNotFound').map((item) =>
        element('LoadBalancerArn', item.id) + element('LoadBalancerName', text(item.outputs, 'name')) + element('DNSName', text(item.outputs, 'dnsName')) + element('VpcId', text(item.outputs, 'vpcId')) + element('Type', text(item.outputs, 'loadBalancerType')))));
    case 'DescribeTargetGroups':
      return answer(memberList('TargetGroups', inRegion(tokens.targetGroup, context, members(form, 'TargetGroupArns'), 'TargetGroupNotFound').map((item) =>
        element('TargetGroupArn', item.id) + element('TargetGroupName', text(item.outputs, 'name')) + element('VpcId', text(item.outputs, 'vpcId')))));
    case 'DescribeTags':
      return answer(memberList('TagDescriptions', members(form, 'ResourceArns').map((arn) => {
        const item = [tokens.loadBalancer, tokens.targetGroup, tokens.listener].map((token) => context.cloud.inventory.get(token, arn)).find((found) => found !== undefined);
        if (item === undefined) throw new AwsError(arn.includes(':targetgroup/') ? 'TargetGroupNotFound' : 'LoadBalancerNotFound', `One or more resources not found: '${arn}'`);
        return element('ResourceArn', arn) + tagList(item);
      })));
    case 'DeleteLoadBalancer':
      return answer(remove(tokens.loadBalancer, form.get('LoadBalancerArn') ?? '', context));
    case 'DeleteTargetGroup':
      return answer(remove(tokens.targetGroup, form.get('TargetGroupArn') ?? '', context));
    default:
      throw new AwsError('InvalidAction', `the sandbox does not imitate elasticloadbalancing:${action} of 2015`);
  }
}

function inRegion(token: string, { cloud, region }: Context, wanted: readonly string[], missing: string): Item[] {
  const unknown = wanted.find((one) => lookUp(cloud, token, one) === undefined);
  if (unknown !== undefined) throw new AwsError(missing, `There is no ACTIVE Load Balancer named '${unknown}'`);
  return cloud.inventory.ofType(token).filter((item) => item.region === region && (wanted.length === 0 || wanted.includes(item.id)));
}

function vpcOf(item: Item, { cloud }: Context): string | undefined {
  return text(cloud.inventory.get(tokens.subnet, texts(item.outputs, 'subnets')[0] ?? '')?.outputs ?? {}, 'vpcId');
}

/** What is not there is deleted already, as AWS has it for both kinds. */
function remove(token: string, arn: string, { cloud }: Context): string {
  const item = cloud.inventory.get(token, arn);
  const blocker = item === undefined ? undefined : resourceType(token).blocker?.(item, cloud);
  if (blocker !== undefined) throw blocker;
  if (item !== undefined) cloud.inventory.delete(item);
  return '';
}
