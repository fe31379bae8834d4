import { execFile } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, symlinkSync } from 'node:fs';
import { createServer, type Server } from 'node:tls';
import { once } from 'node:events';
import os from 'node:os';
import path from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { Agent, fetch } from 'undici';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { z } from 'zod';
import { userKubeconfig } from '../../../model/kubeconfig.js';
import { roles, type Role } from '../../../model/spec.js';
import { roleRules } from '../../../programs/platform/roles.js';
import { otherTenantId, pipeline } from '../../../sandbox/entra/built-in-tenants.js';
import { CertificateAuthority } from '../../../sandbox/kubernetes/pki.js';
import { ControlPlane } from '../../support/control-plane.js';
import { declaredAccess } from '../../support/declared-access.js';
import { EntraSandbox } from '../../support/entra-sandbox.js';
import { until } from '../../support/until.js';
import { specOf } from '../../unit/platform/clusters.js';

const root = fileURLToPath(new URL('../../../', import.meta.url));
const verbs = ['get', 'list', 'watch', 'create', 'update', 'patch', 'delete', 'deletecollection'] as const;
type Verb = (typeof verbs)[number];
const words: Readonly<Record<string, readonly Verb[]>> = { all: verbs, read: ['get', 'list', 'watch'], '–': [] };
const people = [...roles, 'nobody'] as const;
type Person = (typeof people)[number];

const spec = specOf('production');
const { tenantId: tenant, clientId: audience } = spec.access.entra;
const folder = mkdtempSync(path.join(os.tmpdir(), 'access-'));
let entra: EntraSandbox;
let door: Server;
let plane: ControlPlane;
let agent: Agent;
let tokens: Readonly<Record<Person, string>>;

interface Answer {
  readonly status: number;
  readonly body: unknown;
}

/** A call to the API server with a token, or with none. */
async function call(token: string | undefined, method: string, where: string, body?: unknown, through = agent): Promise<Answer> {
  const headers = { ...(token === undefined ? {} : { authorization: `Bearer ${token}` }), ...(body === undefined ? {} : { 'content-type': 'application/json' }) };
  const response = await fetch(`https://kubernetes.default.svc${where}`, { method, dispatcher: through, headers, ...(body === undefined ? {} : { body: JSON.stringify(body) }) });
  const text = await response.text();
  return { status: response.status, body: text.startsWith('{') ? JSON.parse(text) : text };
}

/** Rows of a table of docs/access.md: the names in the first cell, and the other cells by their column's head. */
function rowsOf(head: string): { names: string[]; cells: Record<string, string> }[] {
  const lines = readFileSync(`${root}docs/access.md`, 'utf8').split('\n');
  const start = lines.findIndex((line) => line.startsWith(`| ${head} |`));
  const split = (line: string): string[] => line.slice(2, -2).split(' | ');
  const [, ...columns] = split(lines[start] ?? '');
  const end = lines.indexOf('', start);
  return lines.slice(start + 2, end).map((line) => {
    const [names = '', ...cells] = split(line);
    return { names: [...names.matchAll(/`([^`]+)`/g)].map(([, name = '']) => name), cells: Object.fromEntries(columns.map((column, index) => [column, cells[index] ?? ''])) };
  });
}

/** `RESOURCE.GROUP/SUBRESOURCE`, as kubectl writes it, in parts. */
function partsOf(name: string): { group: string; resource: string; subresource?: string } {
  const [full = '', subresource] = name.split('/');
  const [resource = '', ...group] = full.split('.');
  return { resource, group: group.join('.'), ...(subresource === undefined ? {} : { subresource }) };
}

const reviewSchema = z.object({ status: z.object({ allowed: z.boolean() }) });

/** The API server's own answer to whether somebody may do something. */
async function may(person: Person, attributes: object): Promise<boolean> {
  const { body } = await call(tokens[person], 'POST', '/apis/authorization.k8s.io/v1/selfsubjectaccessreviews', { apiVersion: 'authorization.k8s.io/v1', kind: 'SelfSubjectAccessReview', spec: attributes });
  return reviewSchema.parse(body).status.allowed;
}

/** All that somebody may do in a namespace, as the API server tells them. */
async function rulesIn(person: Person, namespace: string): Promise<unknown> {
  const { body } = await call(tokens[person], 'POST', '/apis/authorization.k8s.io/v1/selfsubjectrulesreviews', { apiVersion: 'authorization.k8s.io/v1', kind: 'SelfSubjectRulesReview', spec: { namespace } });
  return z.object({ status: z.object({ resourceRules: z.array(z.unknown()) }) }).parse(body).status.resourceRules;
}

beforeAll(async () => {
  entra = await EntraSandbox.start();
  const authority = await CertificateAuthority.create('services');
  const { certificate: cert, key } = await authority.issueServer(['login.microsoftonline.com'], []);
  const socket = path.join(folder, 'entra.sock');
  door = createServer({ cert, key }, (connection) => entra.services.emit('connection', connection)).listen(socket);
  await once(door, 'listening');
  plane = await ControlPlane.start('1.35', { tenantId: tenant, clientId: audience, socket, authority: authority.certificate });
  agent = new Agent({ connections: 16, connect: { socketPath: plane.socket, ca: plane.authority } });
  const admin = new Agent({ connect: { socketPath: plane.socket, ca: plane.authority, ...plane.admin } });
  for (const { where, object } of await declaredAccess(spec)) {
    const { status, body } = await call(undefined, 'POST', where, object, admin);
    if (status !== 201) throw new Error(`${where}: ${JSON.stringify(body)}`);
  }
  await admin.close();
  tokens = Object.fromEntries(await Promise.all(people.map(async (person) => [person, await entra.token({ tenant, audience, user: `${person}@sandbox.example` })]))) as Record<Person, string>;
  // The issuer's keys are asked for in the background, once the server is up.
  await until(async () => (await call(tokens.nobody, 'GET', '/api')).status === 200, 60_000);
}, 280_000);

afterAll(async () => {
  await agent.close();
  await plane.close();
  door.close();
  await entra.stop();
  rmSync(folder, { recursive: true });
});

describe('access to a cluster', () => {
  it.each(roles)('is, for the role %s in its namespaces, what docs/access.md says of each resource and verb', async (role) => {
    const wrong: string[] = [];
    const rows = rowsOf('resource');
    expect(rows.length).toBeGreaterThan(20);
    for (const { names, cells } of rows) {
      const said = (cells[role] ?? '').split(', ').flatMap((word) => words[word] ?? [word as Verb]);
      await Promise.all(names.flatMap((name) => verbs.map(async (verb) => {
        const allowed = await may(role, { resourceAttributes: { namespace: 'payments', verb, ...partsOf(name) } });
        if (allowed !== said.includes(verb)) wrong.push(`${role} ${allowed ? 'may' : 'may not'} ${verb} ${name}`);
      })));
    }
    expect(wrong).toEqual([]);
  });

  it('is told by docs/access.md for each resource that a role names', () => {
    const told = new Set(rowsOf('resource').flatMap(({ names }) => names.map((name) => JSON.stringify(partsOf(name)))));
    const named = roles.flatMap((role) => roleRules[role]).flatMap(({ apiGroups = [], resources = [] }) => apiGroups.flatMap((group) => resources.filter((resource) => resource !== '*').map((resource) => {
      const [plural = '', subresource] = resource.split('/');
      return { resource: plural, group, ...(subresource === undefined ? {} : { subresource }) };
    })));

    expect(named.filter((one) => !told.has(JSON.stringify(one)))).toEqual([]);
  });

  it.each(people)('is, for %s, what docs/access.md says of each path', async (person) => {
    const answers = await Promise.all(rowsOf('path').flatMap(({ names, cells }) => names.map(async (name) => [name, (await call(tokens[person], 'GET', name)).status === 403 ? 'no' : 'yes', cells[person]])));

    expect(answers.length).toBeGreaterThan(5);
    expect(answers.filter(([, allowed, said]) => allowed !== said)).toEqual([]);
  });

  it.each(['developer', 'viewer'] satisfies Role[])('ends, for the role %s, at its namespaces', async (role) => {
    for (const namespace of ['default', 'kube-system', ...(role === 'viewer' ? ['ledger'] : [])]) expect(await rulesIn(role, namespace), namespace).toEqual(await rulesIn('nobody', namespace));
    expect(await rulesIn(role, 'payments')).not.toEqual(await rulesIn('nobody', 'payments'));
    for (const resource of ['pods', 'secrets', 'namespaces', 'nodes']) expect(await may(role, { resourceAttributes: { verb: 'list', group: '', resource } }), resource).toBe(false);
  });

  it('holds where things are really done', async () => {
    const configMap = (name: string) => ({ apiVersion: 'v1', kind: 'ConfigMap', metadata: { name } });
    const tried: readonly (readonly [Person, string, string, unknown, number])[] = [
      ['developer', 'POST', '/api/v1/namespaces/payments/configmaps', configMap('a'), 201],
      ['developer', 'POST', '/api/v1/namespaces/default/configmaps', configMap('a'), 403],
      ['developer', 'GET', '/api/v1/namespaces/payments/secrets', undefined, 200],
      ['viewer', 'GET', '/api/v1/namespaces/payments/configmaps/a', undefined, 200],
      ['viewer', 'GET', '/api/v1/namespaces/payments/secrets', undefined, 403],
      ['viewer', 'DELETE', '/api/v1/namespaces/payments/configmaps/a', undefined, 403],
      ['operator', 'GET', '/api/v1/secrets', undefined, 403],
      ['operator', 'GET', '/api/v1/pods', undefined, 200],
      ['operator', 'POST', '/api/v1/namespaces/payments/configmaps', configMap('b'), 403],
      // Nobody is there to forward to, but the way there is open, also for clients that upgrade a GET to a WebSocket.
      ['operator', 'GET', '/api/v1/namespaces/payments/pods/none/portforward', undefined, 404],
      ['operator', 'POST', '/api/v1/namespaces/payments/pods/none/portforward', undefined, 404],
      ['operator', 'POST', '/api/v1/namespaces/payments/pods/none/exec', undefined, 403],
      ['admin', 'GET', '/api/v1/secrets', undefined, 200],
      ['nobody', 'GET', '/api/v1/namespaces/payments/pods', undefined, 403],
    ];
    for (const [person, method, where, body, status] of tried) expect((await call(tokens[person], method, where, body)).status, `${person} ${method} ${where}`).toBe(status);
  });

  it('is a service principal\'s by its groups', async () => {
    const token = await entra.token({ tenant, audience, application: pipeline.id });

    expect((await call(token, 'GET', '/api/v1/namespaces/ledger/pods')).status).toBe(200);
    expect((await call(token, 'GET', '/api/v1/namespaces/default/pods')).status).toBe(403);
  });

  it('is nobody\'s with a token of another tenant or application, past its end, or with a pointer for groups', async () => {
    const status = async (token: string) => (await call(token, 'GET', '/api/v1/namespaces/payments/pods')).status;
    // The same person with the same groups elsewhere.
    expect(await status(await entra.token({ tenant: '12345678-1234-4234-8234-123456789abc', audience, user: 'admin@sandbox.example' }))).toBe(401);
    expect(await status(await entra.token({ tenant: otherTenantId, audience, user: 'visitor@other.example' }))).toBe(401);
    expect(await status(await entra.token({ tenant, audience: pipeline.id, user: 'admin@sandbox.example' }))).toBe(401);
    expect(await status(await entra.token({ tenant, audience, user: 'many-groups@sandbox.example' }))).toBe(401);
    const short = await entra.token({ tenant, audience, user: 'admin@sandbox.example', expiresInSeconds: 5 });
    expect(await status(short)).toBe(200);
    await wait(6000);
    // The API server keeps what it learned of a token for ten seconds.
    await until(async () => (await status(short)) === 401, 20_000);
  });

  it('goes on after the keys were changed', async () => {
    await entra.call('POST', '/entra/keys/rotate');
    const token = await entra.token({ tenant, audience, user: 'admin@sandbox.example' });

    await until(async () => (await call(token, 'GET', '/api/v1/secrets')).status === 200, 30_000);
  });

  it('is, without a token, to the probes only', async () => {
    for (const probe of ['/livez', '/readyz', '/healthz']) expect((await call(undefined, 'GET', probe)).status, probe).toBe(200);
    for (const closed of ['/', '/version', '/api', '/metrics', '/livez/ping', '/openapi/v3', '/api/v1/namespaces/kube-public/configmaps/cluster-info']) expect((await call(undefined, 'GET', closed)).status, closed).toBe(401);
  });

  it('is what people get by the kubeconfig of the cluster', async () => {
    symlinkSync(`${root}test/support/kubelogin.mjs`, path.join(folder, 'kubelogin'));
    const { users } = userKubeconfig(spec, { endpoint: 'https://api.payments-prod.internal:6443', certificateAuthority: plane.authority, address: '10.20.0.16' });
    const exec = users[0]?.user.exec;
    const env = { PATH: `${folder}:${process.env['PATH'] ?? ''}`, ENTRA_CONTROL: entra.control, ENTRA_USER: 'developer@sandbox.example', KUBERNETES_EXEC_INFO: JSON.stringify({ apiVersion: exec?.apiVersion, kind: 'ExecCredential', spec: { interactive: false } }) };
    const { stdout } = await promisify(execFile)(exec?.command ?? '', exec?.args ?? [], { env });
    const { status } = z.object({ kind: z.literal('ExecCredential'), apiVersion: z.literal(exec?.apiVersion), status: z.object({ token: z.string(), expirationTimestamp: z.iso.datetime() }) }).parse(JSON.parse(stdout));

    expect((await call(status.token, 'GET', '/api/v1/namespaces/payments/secrets')).status).toBe(200);
    expect((await call(status.token, 'GET', '/api/v1/secrets')).status).toBe(403);
  });
});
