import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import { z } from 'zod';
import { readSettings } from '../../../model/settings.js';

const read = (file: string): string => readFileSync(new URL(`../../../${file}`, import.meta.url), 'utf8');
const dockerfile = read('Dockerfile');

describe('the image', () => {
  it('is given every room that is transpiled, and no secret of a checkout', () => {
    const letIn = read('.dockerignore').split('\n').filter((line) => line.startsWith('!')).map((line) => line.slice(1));
    const [, list = ''] = /const rooms = \[([^\]]+)\]/.exec(read('tools/setup/build.mjs')) ?? [];
    const rooms = [...list.matchAll(/'([^']+)'/g)].map(([, room = '']) => room.split('/')[0] ?? '').filter((room) => !['bench', 'test'].includes(room));
    expect(rooms.length).toBeGreaterThan(7);
    expect(rooms.filter((room) => !letIn.includes(room))).toEqual([]);
    expect(read('.dockerignore').split('\n')).toContain('*');
    expect(letIn).not.toContain('.clusterwright');
  });

  it('takes the versions of engine and plugins from where they are pinned', () => {
    const { clusterwright, dependencies } = z.object({ clusterwright: z.object({ engine: z.string() }), dependencies: z.record(z.string(), z.string()) }).parse(JSON.parse(read('package.json')));
    for (const version of [clusterwright.engine, dependencies['@pulumi/aws'], dependencies['@pulumi/azure-native'], dependencies['@pulumi/kubernetes']]) expect(dockerfile).not.toContain(version);
    const [, pattern = ''] = /sed -n 's\/(.*)\/\\1\/p' package\.json/.exec(dockerfile) ?? [];
    const found = read('package.json').split('\n').flatMap((line) => new RegExp(pattern.replaceAll('\\(', '(').replaceAll('\\)', ')')).exec(line)?.[1] ?? []);
    expect(found).toEqual([clusterwright.engine]);
    expect(dockerfile).toMatch(/for name in aws azure-native kubernetes;/);
  });

  it('builds the engine with a Go that its module allows', () => {
    const [, go = ''] = /ARG GO_VERSION=(\S+)/.exec(dockerfile) ?? [];
    const [, wanted = ''] = /^go (\d+\.\d+)/m.exec(read('tools/pulumi/go.mod')) ?? [];
    expect(Number(go.split('.')[1])).toBeGreaterThanOrEqual(Number(wanted.split('.')[1]));
  });

  it('ends as a user by number, with an init and a health check', () => {
    const last = dockerfile.slice(dockerfile.indexOf('AS service'));
    expect(last).toMatch(/^USER 10001:10001$/m);
    expect(last).toMatch(/^ENTRYPOINT \["tini", "--"\]$/m);
    expect(last).toMatch(/^HEALTHCHECK /m);
    expect(last).toMatch(/^ {4}USER=clusterwright/m);
  });
});

const serviceSchema = z.looseObject({
  read_only: z.boolean(), cap_drop: z.array(z.string()), security_opt: z.array(z.string()), command: z.array(z.string()), stop_grace_period: z.string(),
  environment: z.record(z.string(), z.string()).default({}), env_file: z.array(z.string()).default([]), ports: z.array(z.string()).default([]), secrets: z.array(z.string()).default([]),
});
const composed = (file: string) => {
  const document = z.looseObject({ services: z.record(z.string(), z.looseObject({})), secrets: z.record(z.string(), z.object({ file: z.string() })).default({}) }).parse(parse(read(file), { merge: true }));
  return { secrets: document.secrets, services: Object.fromEntries(Object.entries(document.services).map(([name, service]) => [name, serviceSchema.parse(service)])) };
};

describe.each(['compose.yaml', 'compose.live.yaml'])('%s', (file) => {
  const { services, secrets } = composed(file);

  it('gives no container a right that it does not need', () => {
    for (const [name, service] of Object.entries(services)) expect(service, name).toMatchObject({ read_only: true, cap_drop: ['ALL'], security_opt: ['no-new-privileges:true'] });
  });

  it('has a Redis that keeps what it is given', () => {
    const command = services['redis']?.command.join(' ');
    for (const setting of ['--appendonly yes', '--appendfsync always', '--maxmemory-policy noeviction']) expect(command).toContain(setting);
    expect(services['redis']?.ports).toEqual([]);
  });

  it('names only secrets that it has', () => {
    for (const { secrets: used } of Object.values(services)) expect(Object.keys(secrets)).toEqual(expect.arrayContaining(used));
  });

  it('waits for operations to end', () => {
    const seconds = Number(/^(\d+)s$/.exec((services['worker'] ?? services['service'])?.stop_grace_period ?? '')?.[1]);
    expect(seconds).toBeGreaterThanOrEqual(20 + 70);
  });
});

describe('the settings in compose.live.yaml', () => {
  const { services } = composed('compose.live.yaml');
  const [, example = ''] = /```ini\n([^`]+)```/.exec(read('docs/production.md')) ?? [];
  const own = Object.fromEntries(example.split('\n').filter((line) => /^[A-Z]/.test(line)).map((line) => [line.slice(0, line.indexOf('=')), line.slice(line.indexOf('=') + 1)]));

  it.each(['api', 'worker'])('are taken by the %s, together with the example of docs/production.md', (name) => {
    const settings = readSettings({ ...own, ...services[name]?.environment }, '/app');
    expect(settings).toMatchObject({ cloud: 'live', redisUrl: 'redis://redis:6379', backendUrl: expect.stringMatching(/^s3:/) });
    expect(settings.secretsProvider).toMatch(/^awskms:/);
    expect(services[name]?.env_file).toEqual(['clusterwright.env']);
  });
});

describe('compose.yaml', () => {
  it('is reached from this machine only, since it has no sign-in', () => {
    const { services } = composed('compose.yaml');
    expect(Object.values(services).flatMap(({ ports }) => ports)).toEqual(['127.0.0.1:${PORT:-8080}:8081']);
    expect(readSettings(services['service']?.environment ?? {}, '/app')).toMatchObject({ cloud: 'sandbox', host: '127.0.0.1', port: 8080 });
  });
});
