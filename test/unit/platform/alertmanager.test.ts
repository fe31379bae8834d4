import { execFile } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { stringify } from 'yaml';
import { receiverSchema } from '../../../model/alerting.js';
import type { AddonNamespace } from '../../../model/platform.js';
import type { Provider } from '../../../model/spec.js';
import { addonPolicies } from '../../../programs/platform/addon-policies.js';
import { alertmanagerConfig } from '../../../programs/platform/values/alertmanager.js';
import { valuesOf } from '../../../programs/platform/values/index.js';
import { kubernetesProgram } from '../../support/kubernetes-programs.js';
import { inputOf, specOf } from './clusters.js';

const receivers = [
  { kind: 'pagerduty', name: 'on-call', receives: ['critical'], secret: 'pagerduty' },
  { kind: 'slack', name: 'team', secret: 'slack', channel: '#alerts' },
  { kind: 'webhook', name: 'dead-mans-switch', receives: ['heartbeat'], secret: 'switch' },
  { kind: 'email', name: 'mail', receives: ['info'], secret: 'mail', to: ['team@example.com', 'night@example.com'], from: 'alerts@example.com', smarthost: { host: 'smtp.example.com' }, username: 'alerts' },
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
    expect(await amtool('check-config', file)).toContain('5 receivers');
  });

  it.each([
    ['severity=critical', 'on-call,team'],
    ['severity=warning', 'team'],
    ['severity=info', 'mail'],
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

describe('a receiver by mail', () => {
  const mail = (smarthost: object, name = 'mail') => ({ kind: 'email', name, secret: 'mail', to: ['team@example.com', 'night@example.com'], from: 'alerts@example.com', smarthost, username: 'alerts' });
  const outside = (given: object[], namespace: AddonNamespace = 'monitoring') =>
    (addonPolicies(namespace, specWith(given)) as { 'allow-outside'?: { egress: { ports: { port: number }[] }[] } })['allow-outside']?.egress.flatMap(({ ports }) => ports.map(({ port }) => port));

  it('is never sent to without TLS, and its password is a file', () => {
    expect(alertmanagerConfig(specWith([mail({ host: 'smtp.example.com' })]))?.['receivers']).toContainEqual({
      name: 'mail',
      email_configs: [expect.objectContaining({
        to: 'team@example.com, night@example.com', smarthost: 'smtp.example.com:587', require_tls: true, auth_username: 'alerts', auth_password_file: '/etc/alertmanager/receivers/mail/value',
      }) as unknown],
    });
  });

  it('opens the port of its server to Alertmanager\'s namespace, and to no other', () => {
    expect(outside([])).toEqual([443]);
    expect(outside([mail({ host: 'smtp.example.com' }), mail({ host: 'smtp.example.net' }, 'second')])).toEqual([443, 587]);
    expect(outside([mail({ host: 'smtp.example.com', port: 465 })])).toEqual([443, 465]);
    expect(outside([mail({ host: 'smtp.example.com' })], 'logging')).toEqual([443]);
  });
});

describe('the secret of a receiver', () => {
  it.each([['aws', 'monitoring/pagerduty'], ['azure', 'monitoring--pagerduty']] as const)('comes on %s out of the cloud\'s store into a file', (provider, key) => {
    const input = inputOf(specWith([...receivers, { kind: 'pagerduty', name: 'second', receives: ['critical'], secret: 'pagerduty' }], provider));
    const objects = valuesOf('external-secrets-stores', input)['extraObjects'];
    const { alertmanager: { config, alertmanagerSpec } } = valuesOf('kube-prometheus-stack', input) as { alertmanager: { config: { receivers: unknown[] }; alertmanagerSpec: unknown } };

    // Two receivers have one secret.
    expect(objects).toHaveLength(1 + 4);
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
