import { execFile } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { stringify } from 'yaml';
import { receiverSchema } from '../../../model/alerting.js';
import type { Provider } from '../../../model/spec.js';
import { alertmanagerConfig } from '../../../programs/platform/values/alertmanager.js';
import { valuesOf } from '../../../programs/platform/values/index.js';
import { kubernetesProgram } from '../../support/kubernetes-programs.js';
import { inputOf, specOf } from './clusters.js';

const receivers = [
  { kind: 'pagerduty', name: 'on-call', receives: ['critical'], secret: 'pagerduty' },
  { kind: 'slack', name: 'team', secret: 'slack', channel: '#alerts' },
  { kind: 'webhook', name: 'dead-mans-switch', receives: ['heartbeat'], secret: 'switch' },
];
const specWith = (given: object[] = receivers, provider: Provider = 'aws') => specOf('production', { alerting: { receivers: given } } as never, provider);

describe('the configuration of Alertmanager', () => {
  let folder: string;
  let file: string;
  beforeAll(async () => {
    folder = await mkdtemp(path.join(os.tmpdir(), 'alertmanager-'));
    file = path.join(folder, 'alertmanager.yaml');
    await writeFile(file, stringify(alertmanagerConfig(specWith())));
  });
  afterAll(() => rm(folder, { recursive: true, force: true }));
  const amtool = async (...args: string[]) => (await promisify(execFile)(kubernetesProgram('alertmanager', 'amtool'), args)).stdout;

  it('is read by Alertmanager\'s own parser, with a receiver of every kind', async () => {
    expect(new Set(receivers.map(({ kind }) => kind))).toEqual(new Set(receiverSchema.options.map((option) => option.shape.kind.value)));
    expect(await amtool('check-config', file)).toContain('4 receivers');
  });

  it.each([
    ['severity=critical', 'on-call,team'],
    ['severity=warning', 'team'],
    ['severity=info', 'nobody'],
    ['severity=none alertname=Watchdog', 'dead-mans-switch'],
    ['severity=none alertname=InfoInhibitor', 'nobody'],
  ])('sends what has %s to %s', async (labels, to) => {
    expect((await amtool('config', 'routes', 'test', '--config.file', file, ...labels.split(' '))).trim()).toBe(to);
  });

  it('is the chart\'s own, which sends nothing, where the spec names no receiver', () => {
    expect(valuesOf('kube-prometheus-stack', inputOf(specWith([])))).not.toHaveProperty('alertmanager.config');
    expect(valuesOf('external-secrets-stores', inputOf(specWith([])))['extraObjects']).toHaveLength(1);
  });
});

describe('the secret of a receiver', () => {
  it.each([['aws', 'monitoring/pagerduty'], ['azure', 'monitoring--pagerduty']] as const)('comes on %s out of the cloud\'s store into a file', (provider, key) => {
    const input = inputOf(specWith([...receivers, { kind: 'pagerduty', name: 'second', receives: ['critical'], secret: 'pagerduty' }], provider));
    const objects = valuesOf('external-secrets-stores', input)['extraObjects'];
    const { alertmanager: { config, alertmanagerSpec } } = valuesOf('kube-prometheus-stack', input) as { alertmanager: { config: { receivers: unknown[] }; alertmanagerSpec: unknown } };

    // Two receivers have one secret.
    expect(objects).toHaveLength(1 + 3);
    expect(objects).toContainEqual(expect.objectContaining({
      kind: 'ExternalSecret', metadata: { name: 'alertmanager-receiver-pagerduty', namespace: 'monitoring' },
      spec: expect.objectContaining({ target: { name: 'alertmanager-receiver-pagerduty' }, data: [{ secretKey: 'value', remoteRef: { key } }] }) as unknown,
    }));
    expect(alertmanagerSpec).toMatchObject({
      volumes: expect.arrayContaining([{ name: 'alertmanager-receiver-pagerduty', secret: { secretName: 'alertmanager-receiver-pagerduty', optional: true } }]) as unknown,
      volumeMounts: expect.arrayContaining([{ name: 'alertmanager-receiver-pagerduty', mountPath: '/etc/alertmanager/receivers/pagerduty', readOnly: true }]) as unknown,
    });
    expect(config.receivers).toContainEqual({ name: 'on-call', pagerduty_configs: [{ routing_key_file: '/etc/alertmanager/receivers/pagerduty/value', send_resolved: true }] });
  });
});
