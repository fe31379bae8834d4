import type { EngineEvent } from '@pulumi/pulumi/automation/index.js';
import { describe, expect, it } from 'vitest';
import type { JobEventBody } from '../../../model/event.js';
import { EventReader } from '../../../worker/engine/events.js';

const urn = (type: string, name: string): string => `urn:pulumi:demo-infrastructure::clusterwright::clusterwright:index:Cluster$${type}::${name}`;
const vpc = urn('aws:ec2/vpc:Vpc', 'network');

function step(kind: 'resourcePreEvent' | 'resOutputsEvent' | 'resOpFailedEvent', of: string, op = 'create'): EngineEvent {
  const type = of.split('::')[2]?.split('$').at(-1) ?? '';
  const event: object = { sequence: 0, timestamp: 0, [kind]: { metadata: { op, urn: of, type, provider: '' } } };
  return event as EngineEvent;
}

function diagnostic(severity: string, message: string, of?: string): EngineEvent {
  const event: object = { sequence: 0, timestamp: 0, diagnosticEvent: { severity, message, color: 'never', urn: of } };
  return event as EngineEvent;
}

function reading(deletions?: number): { reader: EventReader; events: JobEventBody[]; progress: [number, number][] } {
  const events: JobEventBody[] = [];
  const progress: [number, number][] = [];
  return { reader: new EventReader('demo-infrastructure', { event: (event) => events.push(event), progress: (done, total) => progress.push([done, total]) }, deletions), events, progress };
}

describe('engine events', () => {
  it('become resource events with how many of how many are done', () => {
    const { reader, events, progress } = reading();
    reader.expect(2);
    reader.read(step('resourcePreEvent', vpc));
    reader.read(step('resOutputsEvent', vpc));
    expect(events).toEqual([
      { type: 'resource', stack: 'demo-infrastructure', resourceType: 'aws:ec2/vpc:Vpc', name: 'network', op: 'create', state: 'started', done: 0, total: 2 },
      { type: 'resource', stack: 'demo-infrastructure', resourceType: 'aws:ec2/vpc:Vpc', name: 'network', op: 'create', state: 'succeeded', done: 1, total: 2 },
    ]);
    expect(progress.at(-1)).toEqual([1, 2]);
  });

  it('of unchanged resources move the progress without an event', () => {
    const { reader, events, progress } = reading();
    reader.read(step('resourcePreEvent', vpc, 'same'));
    reader.read(step('resOutputsEvent', vpc, 'same'));
    expect(events).toEqual([]);
    expect(progress.at(-1)).toEqual([1, 1]);
  });

  it('of the stack, its providers, its record and components are left out', () => {
    const { reader, events, progress } = reading();
    for (const type of ['pulumi:pulumi:Stack', 'pulumi:providers:aws', 'pulumi:index:Stash', 'clusterwright:index:Cluster']) reader.read(step('resourcePreEvent', urn(type, 'x')));
    expect(events).toEqual([]);
    expect(progress).toEqual([]);
  });

  it('count a replaced resource once', () => {
    const { reader, events, progress } = reading();
    reader.read(step('resourcePreEvent', vpc, 'create-replacement'));
    reader.read(step('resOutputsEvent', vpc, 'create-replacement'));
    reader.read(step('resourcePreEvent', vpc, 'replace'));
    reader.read(step('resOutputsEvent', vpc, 'replace'));
    expect(events.map((event) => event.type === 'resource' && event.op)).toEqual(['replace', 'replace']);
    expect(progress.at(-1)).toEqual([1, 1]);
  });

  it('of a deletion count deletions only, not what the program says on its way', () => {
    const { reader, events, progress } = reading(2);
    reader.read(step('resOutputsEvent', vpc, 'same'));
    expect(progress).toEqual([]);
    reader.read(step('resourcePreEvent', vpc, 'delete'));
    reader.read(step('resOutputsEvent', vpc, 'delete'));
    expect(progress.at(-1)).toEqual([1, 2]);
    expect(events.map((event) => event.type === 'resource' && event.state)).toEqual(['started', 'succeeded']);
  });

  it('of severity debug are dropped: their text can hold secrets', () => {
    const { reader, events } = reading();
    reader.read(diagnostic('debug', 'password=hunter2', vpc));
    reader.read(diagnostic('info', 'password=hunter2', vpc));
    expect(events).toEqual([]);
    expect(JSON.stringify(reader.diagnosis)).not.toContain('hunter2');
  });

  it('keep the provider\'s first words about a resource that failed', () => {
    const { reader, events } = reading();
    reader.read(diagnostic('error', '1 error occurred:\n\t* creating EC2 VPC: api error VpcLimitExceeded: the maximum number of VPCs has been reached\n\n', vpc));
    reader.read(diagnostic('error', 'update failed', urn('pulumi:pulumi:Stack', 'clusterwright-demo')));
    reader.read(step('resOpFailedEvent', vpc));
    expect(reader.diagnosis).toEqual({
      failures: [{ urn: vpc, words: 'creating EC2 VPC: api error VpcLimitExceeded: the maximum number of VPCs has been reached' }],
      errors: ['update failed'],
    });
    expect(events.at(-1)).toMatchObject({ type: 'resource', state: 'failed', name: 'network' });
  });
});
