import type { EngineEvent } from '@pulumi/pulumi/automation/index.js';
import { describe, expect, it } from 'vitest';
import { PlanReader } from '../../../worker/engine/plan.js';

const urn = (type: string, name: string): string => `urn:pulumi:demo-infrastructure::clusterwright::${type}::${name}`;
const event = (op: string, type: string, name: string, more: object = {}): EngineEvent =>
  ({ sequence: 0, timestamp: 0, resourcePreEvent: { planning: true, metadata: { op, urn: urn(type, name), type, provider: '', ...more } } }) as unknown as EngineEvent;

function planOfEvents(...events: EngineEvent[]) {
  const reader = new PlanReader();
  for (const one of events) reader.read(one);
  return reader.plan('demo-infrastructure');
}

describe('a plan out of a preview\'s events', () => {
  it('counts each resource once and names what differs', () => {
    const plan = planOfEvents(
      event('same', 'aws:ec2/vpc:Vpc', 'network'),
      event('create', 'aws:ec2/subnet:Subnet', 'a'),
      event('update', 'aws:autoscaling/group:Group', 'pool', { detailedDiff: { maxSize: {}, 'tags[0].value': {}, 'tags[1].value': {} } }),
      event('delete', 'aws:ec2/eip:Eip', 'old'),
    );
    expect(plan).toEqual({
      stacks: [{ name: 'demo-infrastructure', basis: 'previewed' }],
      create: 1, update: 1, replace: 0, delete: 1, same: 1,
      changes: [
        { type: 'aws:ec2/subnet:Subnet', name: 'a', op: 'create', properties: [] },
        { type: 'aws:autoscaling/group:Group', name: 'pool', op: 'update', properties: ['maxSize', 'tags'] },
        { type: 'aws:ec2/eip:Eip', name: 'old', op: 'delete', properties: [] },
      ],
    });
  });

  it('takes the three steps of a replacement for one', () => {
    const steps = ['create-replacement', 'replace', 'delete-replaced'].map((op) => event(op, 'aws:ec2/vpc:Vpc', 'network', { detailedDiff: { cidrBlock: {} } }));
    expect(planOfEvents(...steps)).toMatchObject({ create: 0, replace: 1, delete: 0, changes: [{ op: 'replace', properties: ['cidrBlock'] }] });
  });

  it('leaves out the stack, providers, record and components', () => {
    expect(planOfEvents(event('create', 'pulumi:pulumi:Stack', 's'), event('create', 'pulumi:providers:aws', 'aws'), event('update', 'pulumi:index:Stash', 'record'), event('create', 'clusterwright:index:Cluster', 'demo')))
      .toMatchObject({ create: 0, update: 0, changes: [] });
  });

  it('does not count what a deletion lets go of', () => {
    expect(planOfEvents(event('delete', 'aws:s3/bucket:Bucket', 'backups', { old: { retainOnDelete: true } }))).toMatchObject({ delete: 0, same: 1, changes: [] });
  });
});
