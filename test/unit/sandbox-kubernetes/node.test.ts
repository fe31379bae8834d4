import { gzipSync } from 'node:zlib';
import { describe, expect, it } from 'vitest';
import type { NodeFacts } from '../../../model/rendezvous.js';
import type { Item } from '../../../sandbox/inventory/item.js';
import { needsOf } from '../../../sandbox/aws/kubernetes/grants.js';
import { capacityOf, describeInstance, userDataOf } from '../../../sandbox/aws/kubernetes/machines.js';
import { allows } from '../../../sandbox/aws/role-policies.js';
import { nodeFactsOf } from '../../../sandbox/kubernetes/nodes/node-facts.js';
import { nodeObject } from '../../../sandbox/kubernetes/nodes/node-object.js';

const facts: NodeFacts = {
  schema: 1, cluster: 'pay', uid: 'u12345678901', region: 'eu-west-1', role: 'worker', pool: 'general', index: null, controlPlanes: 3, kubernetesVersion: '1.35', kubernetesRelease: '1.35.0',
  endpoint: 'api.pay.clusterwright.internal', port: 6443, podCidr: '10.244.0.0/16', serviceCidr: '10.96.0.0/12', rendezvous: { provider: 'aws', bucket: 'pay-u12345-backups', parameterPrefix: '/clusterwright/u12345678901', key: 'alias/pay-u12345-key' },
  issuer: null, entra: { tenantId: 't', clientId: 'c' }, sshKeys: [], registryMirrors: {}, labels: { team: 'a' }, taints: [{ key: 'gpu', value: 'yes', effect: 'NoSchedule' }],
};
const machine: Item = {
  type: 'aws:ec2/instance:Instance', id: 'i-1', cluster: 'pay', uid: facts.uid, resource: 'pool-general', parent: null, region: 'eu-west-1', inputs: {}, createdAt: 0, readyAt: 0,
  outputs: { privateDns: 'ip-10-0-0-4.eu-west-1.compute.internal', privateIp: '10.0.0.4', instanceType: 'm7i.xlarge', availabilityZone: 'eu-west-1a' },
};
const cloudConfig = (content: string, encoding?: string): string => `#cloud-config\nwrite_files:\n  - path: /etc/motd\n    content: hello\n  - path: /etc/clusterwright/node.json\n${encoding === undefined ? '' : `    encoding: ${encoding}\n`}    content: ${JSON.stringify(content)}\n`;
const json = JSON.stringify(facts);

describe('node facts in user data', () => {
  it.each([
    ['plain text', { userData: cloudConfig(json) }],
    ['base64', { userDataBase64: Buffer.from(cloudConfig(json)).toString('base64') }],
    ['gzip and base64', { userDataBase64: gzipSync(cloudConfig(json)).toString('base64') }],
    ['an encoded file', { userData: cloudConfig(gzipSync(json).toString('base64'), 'gz+b64') }],
  ])('are read from %s', (_what, instance) => {
    expect(nodeFactsOf(userDataOf({ ...machine, outputs: instance }))).toEqual(facts);
  });

  it.each([['no user data', {}], ['a script', { userData: '#!/bin/sh' }], ['another file', { userData: '#cloud-config\nwrite_files: []\n' }], ['facts of another form', { userData: cloudConfig('{"schema":2}') }]])('are not in %s', (_what, instance) => {
    expect(nodeFactsOf(userDataOf({ ...machine, outputs: instance }))).toBeUndefined();
  });
});

describe('grants of a role', () => {
  it.each([
    [['ssm:*'], ['*'], true],
    [['ssm:Put*'], ['arn:aws:ssm:eu-west-1:1:parameter/a/*'], true],
    [['ssm:GetParameter'], ['*'], false],
    [['SSM:putparameter'], ['arn:aws:ssm:*:1:parameter/a/b'], true],
    [['ssm:PutParameter'], ['arn:aws:ssm:eu-west-1:1:parameter/b/*'], false],
  ])('%j on %j: %j', (actions, resources, allowed) => {
    expect(allows([{ Effect: 'Allow', Action: actions, Resource: resources }], 'ssm:PutParameter', 'arn:aws:ssm:eu-west-1:1:parameter/a/b')).toBe(allowed);
  });

  it('are taken away by a deny', () => {
    expect(allows([{ Effect: 'Allow', Action: ['*'], Resource: ['*'] }, { Effect: 'Deny', Action: ['s3:*'], Resource: ['*'] }], 's3:PutObject', 'arn:aws:s3:::b/k')).toBe(false);
  });

  it('that a worker needs are its step and the join set only', () => {
    expect(needsOf(facts).map(({ action, resource }) => `${action} ${resource.split('/').slice(-2).join('/')}`)).toEqual(['s3:PutObject nodes/any.json', 'ssm:GetParameter join/ca', 'ssm:GetParameter join/token']);
  });
});

describe('the Node of a machine', () => {
  it.each([['m7i.large', 2, 8, 'amd64'], ['m7i.xlarge', 4, 16, 'amd64'], ['c7g.4xlarge', 16, 32, 'arm64'], ['r6i.2xlarge', 8, 64, 'amd64'], ['t3.medium', 2, 8, 'amd64']])('%s has %i CPUs and %i GiB', (type, cpu, memoryGiB, architecture) => {
    expect(capacityOf(type)).toEqual({ cpu, memoryGiB, architecture });
  });

  it('carries what kubelet and cloud controller set', () => {
    expect(nodeObject(describeInstance(machine), facts, 'b\na')).toMatchObject({
      metadata: { name: 'ip-10-0-0-4.eu-west-1.compute.internal', labels: { 'topology.kubernetes.io/zone': 'eu-west-1a', 'clusterwright.io/pool': 'general', 'clusterwright.io/authorities': '911169ddaaf146af', team: 'a', 'node.kubernetes.io/instance-type': 'm7i.xlarge' } },
      spec: { providerID: 'aws:///eu-west-1a/i-1', taints: facts.taints },
      status: { capacity: { cpu: '4', memory: '16777216Ki' }, nodeInfo: { kubeletVersion: 'v1.35.0', osImage: 'Ubuntu 24.04 LTS' } },
    });
  });
});
