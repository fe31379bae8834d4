import { describe, expect, it } from 'vitest';
import { ways } from '../../../worker/cloud/aws/finding/ways.js';
import { inputOf, specOf } from '../../support/infrastructure-input.js';
import { declaredBy } from '../programs/aws/declared.js';

/** A program with everything that a spec can ask for. */
const everything = async () => declaredBy(inputOf(await specOf('production', { network: { apiServer: { public: true, allowedCidrs: ['203.0.113.0/24'] } } })));

const partTag = 'clusterwright:resource';

function partOf({ inputs }: { readonly inputs: Readonly<Record<string, unknown>> }): unknown {
  const { tags } = inputs;
  if (Array.isArray(tags)) return (tags as { key: string; value: string }[]).find(({ key }) => key === partTag)?.value;
  return (tags as Record<string, string> | undefined)?.[partTag];
}

describe('the ways to find what a state does not know', () => {
  it('are there for every type that the program uses, and for no other', async () => {
    const used = new Set((await everything()).map(({ type }) => type).filter((type) => type.startsWith('aws:')));
    expect(Object.keys(ways).sort()).toEqual([...used].sort());
  });

  it('by tag find a resource by its name in the program: its part\'s tag says the same', async () => {
    const tagged = (await everything()).filter(({ type }) => ways[type]?.by === 'tag');
    expect(tagged.length).toBeGreaterThan(50);
    expect(tagged.filter((resource) => partOf(resource) !== resource.name).map(({ type, name }) => `${type} ${name}`)).toEqual([]);
    // Types that the ARN does not tell apart must not share a name either.
    const apart = tagged.map(({ type, name }) => `${(ways[type]?.by === 'tag' ? ways[type].kinds : undefined)?.join() ?? type} ${name}`);
    expect(apart.length).toBe(new Set(apart).size);
  });

  it.each([
    ['aws:ec2/vpc:Vpc', 'arn:aws:ec2:eu-west-1:123456789012:vpc/vpc-1', 'vpc-1'],
    ['aws:cloudwatch/logGroup:LogGroup', 'arn:aws:logs:eu-west-1:123456789012:log-group:a-flow-logs:*', 'a-flow-logs'],
    ['aws:s3/bucket:Bucket', 'arn:aws:s3:::a-backups', 'a-backups'],
    ['aws:iam/instanceProfile:InstanceProfile', 'arn:aws:iam::123456789012:instance-profile/a-worker', 'a-worker'],
    ['aws:route53/zone:Zone', 'arn:aws:route53:::hostedzone/Z1', 'Z1'],
    ['aws:lb/loadBalancer:LoadBalancer', 'arn:aws:elasticloadbalancing:eu-west-1:1:loadbalancer/net/a-api/1', 'arn:aws:elasticloadbalancing:eu-west-1:1:loadbalancer/net/a-api/1'],
  ])('make an id of an ARN that the provider of %s imports by', (type, arn, id) => {
    const way = ways[type];
    expect(way?.by === 'tag' && way.id(arn)).toBe(id);
  });
});
