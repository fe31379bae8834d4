import type { EngineEvent } from '@pulumi/pulumi/automation/index.js';
import { describe, expect, it } from 'vitest';
import { acceptedProperties, isAccepted, withRepair, type DriftFinding } from '../../../model/drift.js';
import { DeviationReader } from '../../../worker/engine/drift.js';
import { deviationFindings, inspectionFindings, ruleFindings } from '../../../worker/operation/findings.js';

interface Step {
  readonly op: string;
  readonly name?: string;
  readonly type?: string;
  readonly diff?: readonly string[];
  readonly old?: object;
  readonly wanted?: object;
}

/** What a preview that has read everything tells of one resource. */
function step({ op, name = 'rule', type = 'aws:vpc/securityGroupIngressRule:SecurityGroupIngressRule', diff, old = {}, wanted = {} }: Step): EngineEvent {
  const metadata = {
    op, type, urn: `urn:pulumi:pay-infrastructure::clusterwright::${type}::${name}`,
    old: { inputs: old, outputs: {} }, new: { inputs: wanted, outputs: {} }, ...(diff === undefined ? {} : { detailedDiff: Object.fromEntries(diff.map((path) => [path, { diffKind: 'update', inputDiff: true }])) }),
  };
  return { resourcePreEvent: { metadata } } as unknown as EngineEvent;
}

function found(layer: 'cloud' | 'add-ons', ...steps: readonly Step[]) {
  const reader = new DeviationReader();
  for (const one of steps) reader.read(step(one));
  return deviationFindings(layer, reader.deviations);
}

describe('what the engine finds other than its program', () => {
  it('is nothing where everything is read and stays the same', () => {
    expect(found('cloud', { op: 'refresh' }, { op: 'same' }, { op: 'read' }, { op: 'create', type: 'pulumi:providers:aws' })).toEqual([]);
  });

  it('is told by resource and property, with values of the cloud', () => {
    expect(found('cloud', { op: 'refresh' }, { op: 'update', diff: ['cidrIpv4', 'tags["a.b"]'], old: { cidrIpv4: '0.0.0.0/0', tags: { 'a.b': 'x' } }, wanted: { cidrIpv4: '10.0.0.0/8', tags: {} } })).toMatchObject([
      { id: 'cloud#aws:vpc/securityGroupIngressRule:SecurityGroupIngressRule::rule#cidrIpv4', expected: 'cidrIpv4: "10.0.0.0/8"', seen: 'cidrIpv4: "0.0.0.0/0"' },
      { property: 'tags', expected: 'tags["a.b"]: nothing', seen: 'tags["a.b"]: "x"' },
    ]);
    expect(found('cloud', { op: 'create', name: 'gone' })).toMatchObject([{ property: null, expected: 'there', seen: 'missing' }]);
  });

  it('has no value of an object in Kubernetes, and none that could be a secret', () => {
    const told = [
      ...found('add-ons', { op: 'update', type: 'kubernetes:core/v1:ConfigMap', diff: ['spec.a'], old: { spec: { a: 'hunter2' } }, wanted: { spec: { a: 'hunter3' } } }),
      ...found('cloud', { op: 'update', diff: ['userData', 'masterPassword', 'kind'], old: { userData: 'hunter2', masterPassword: 'hunter2', kind: '[secret]' }, wanted: {} }),
    ];
    expect(told).toHaveLength(4);
    expect(JSON.stringify(told)).not.toMatch(/hunter|\[secret\]/);
  });

  it('leaves out what only follows from something that is to be made', () => {
    const unknown = '04da6b54-80e4-46f7-96ec-b56ff0331ba9';
    expect(found('cloud', { op: 'replace', diff: ['subnetId'], old: { subnetId: 'subnet-1' }, wanted: { subnetId: unknown } })).toEqual([]);
  });
});

describe('what can be accepted', () => {
  const update = (diff: string, value: unknown) => ({ op: 'update', diff: [diff], old: { [diff]: value }, wanted: {} });

  it('is what the report says whole: rules, files, and properties of the cloud that are shown', () => {
    const acceptable = (findings: readonly DriftFinding[]) => findings.map((finding) => finding.acceptable);
    expect(acceptable(found('cloud', update('cidrIpv4', '0.0.0.0/0')))).toEqual([true]);
    expect(acceptable(found('cloud', update('userData', 'x')))).toEqual([false]);
    expect(acceptable(found('cloud', { op: 'create' }))).toEqual([false]);
    expect(acceptable(found('cloud', { op: 'update', diff: ['a', 'b', 'c', 'd', 'e', 'f'].map((key) => `tags.${key}`), old: { tags: {} }, wanted: {} }))).toEqual([false]);
    expect(acceptable(found('add-ons', update('rules', 'x')))).toEqual([false]);
    expect(acceptable(ruleFindings([{ id: 'sgr-1', group: 'sg-1', direction: 'in', words: 'all' }]))).toEqual([true]);
  });

  it('counts as accepted only as it was seen then, and says what is in the way of a repair where it was not', () => {
    const [finding] = found('cloud', update('cidrIpv4', '0.0.0.0/0'));
    if (finding === undefined) throw new Error('nothing was found');
    const accepted = { [finding.id]: { seen: finding.seen, reason: 'meant' } };
    expect([isAccepted(finding, accepted), isAccepted({ ...finding, seen: 'other' }, accepted), isAccepted(finding)]).toEqual([true, false, false]);
    expect(withRepair(finding, accepted)).toEqual(finding);
    expect(withRepair({ ...finding, seen: 'other' }, accepted).repair).toContain('drift.accepted');
    expect([...acceptedProperties({ ...accepted, 'cloud#sgr-1#': { seen: 'all', reason: 'meant' } })]).toEqual([['aws:vpc/securityGroupIngressRule:SecurityGroupIngressRule::rule', ['cidrIpv4']]]);
  });
});

describe('what no engine knows', () => {
  it('is told by the id of a rule, and by node and path', () => {
    expect(ruleFindings([{ id: 'sgr-1', group: 'sg-1', direction: 'in', words: 'tcp 22 in from 0.0.0.0/0' }])).toMatchObject([{ id: 'cloud#sgr-1#', expected: 'no such rule in sg-1', seen: 'tcp 22 in from 0.0.0.0/0' }]);
    expect(inspectionFindings('cp-1', { checked: 9, differences: [{ kind: 'file', name: '/etc/kubernetes/manifests/miner.yaml', expected: null, seen: 'ab12' }, { kind: 'setting', name: 'kernel.panic', expected: '10', seen: '0' }] })).toMatchObject([
      { id: 'nodes#cp-1#/etc/kubernetes/manifests/miner.yaml', expected: 'not there', seen: 'SHA-256 ab12' }, { id: 'nodes#cp-1#kernel.panic', expected: '10', seen: '0' },
    ]);
  });
});
