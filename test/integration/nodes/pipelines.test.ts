import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { createSecureContext, createServer, type Server } from 'node:tls';
import { Agent, fetch } from 'undici';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { z } from 'zod';
import { pipelineFaults } from '../../../model/pipelines.js';
import { kubernetesVersions, type ClusterSpec } from '../../../model/spec.js';
import { pipelinesDocument, pipelinesPlace } from '../../../programs/platform/pipelines.js';
import { CertificateAuthority } from '../../../sandbox/kubernetes/pki.js';
import { issuerLines } from '../../support/authentication.js';
import { ControlPlane } from '../../support/control-plane.js';
import { declaredAccess } from '../../support/declared-access.js';
import { TokenIssuer } from '../../support/token-issuer.js';
import { until } from '../../support/until.js';
import { specOf } from '../../unit/platform/clusters.js';

const github = new TokenIssuer('https://token.actions.githubusercontent.com');
const gitlab = new TokenIssuer('https://gitlab.example.com');
const jenkins = new TokenIssuer('https://ci.example.com/oidc');
/** People's issuer: an API server takes no change of its file while one of all issuers does not answer. */
const entra = new TokenIssuer(`https://login.microsoftonline.com/${specOf('production').access.entra.tenantId}/v2.0`);
const stranger = new TokenIssuer('https://token.actions.githubusercontent.com');
const audience = 'clusterwright:payments-prod';
/** Text that would end a string of CEL if it were not escaped. */
const quoted = `repo:acme/shop:environment:it's "live" \\ || true || "`;
const place = '/etc/kubernetes/clusterwright/authentication.yaml';

/** The spec with a pipeline of each system; GitLab's certificate is of an authority that no machine knows. */
const specWith = (certificateAuthority: string): ClusterSpec => specOf('production', { access: { pipelines: [
  { name: 'shop', issuer: github.url, audience, claims: [{ claim: 'repository', value: 'acme/shop' }, { claim: 'ref', value: 'refs/heads/release-*' }], namespace: 'payments', role: 'developer' },
  { name: 'quoted', issuer: github.url, audience: 'another', claims: [{ claim: 'sub', value: quoted }], namespace: 'ledger', role: 'viewer' },
  { name: 'invoices', issuer: gitlab.url, audience, claims: [{ claim: 'project_path', value: 'acme/invoices' }, { claim: 'ref_protected', value: 'true' }], namespace: 'ledger', role: 'developer', certificateAuthority },
  { name: 'nightly', issuer: jenkins.url, audience, claims: [{ claim: 'sub', value: 'https://ci.example.com/job/nightly/' }], namespace: 'payments', role: 'viewer' },
] } });
const shop = { aud: audience, sub: 'repo:acme/shop:ref:refs/heads/release-7', repository: 'acme/shop', ref: 'refs/heads/release-7' };
const invoices = { aud: audience, sub: 'project_path:acme/invoices:ref_type:branch:ref:main', project_path: 'acme/invoices', ref_protected: 'true' };

describe.each(kubernetesVersions)('pipelines at an API server of %s', (minor) => {
  const folder = mkdtempSync(path.join(os.tmpdir(), 'pipelines-'));
  let door: Server;
  let plane: ControlPlane;
  let agent: Agent;
  let admin: Agent;
  let written: string;

  const call = async (token: string | undefined, method: string, where: string, body?: unknown): Promise<{ status: number; body: unknown }> => {
    const headers = { ...(token === undefined ? {} : { authorization: `Bearer ${token}` }), ...(body === undefined ? {} : { 'content-type': 'application/json' }) };
    const response = await fetch(`https://kubernetes.default.svc${where}`, { method, dispatcher: token === undefined ? admin : agent, headers, ...(body === undefined ? {} : { body: JSON.stringify(body) }) });
    const text = await response.text();
    return { status: response.status, body: text.startsWith('{') ? JSON.parse(text) : text };
  };
  const status = async (token: string, namespace = 'payments'): Promise<number> => (await call(token, 'GET', `/api/v1/namespaces/${namespace}/pods`)).status;
  /** How often the API server has read its file anew, as the nodes' script reads it. */
  const reloads = async (outcome: string): Promise<number> => {
    const { body } = await call(undefined, 'GET', '/metrics');
    return Number(new RegExp(`^apiserver_authentication_config_controller_automatic_reloads_total\\{.*status="${outcome}".*\\} (\\d+)$`, 'm').exec(String(body))?.[1] ?? 0);
  };
  /** Puts pipelines into the file, and waits for what the API server says. */
  const write = async (lines: readonly string[], outcome: 'success' | 'failure'): Promise<void> => {
    const before = await reloads(outcome);
    await plane.replaceFile(place, (content) => [content.split('\n  - {')[0]?.trimEnd() ?? '', ...lines, ''].join('\n'));
    await until(async () => (await reloads(outcome)) > before, 180_000);
  };

  beforeAll(async () => {
    const [known, unknown] = [await CertificateAuthority.create('known'), await CertificateAuthority.create('unknown')];
    const certificates = [await known.issueServer([github.host, jenkins.host, entra.host], []), await unknown.issueServer([gitlab.host], [])].map(({ certificate: cert, key }) => ({ cert, key }));
    const [publicCertificate, privateCertificate] = certificates;
    if (!publicCertificate || !privateCertificate) throw new Error('there are no certificates');
    const socket = path.join(folder, 'issuers.sock');
    door = createServer({ ...publicCertificate, SNICallback: (name, answer) => { answer(null, createSecureContext(name === gitlab.host ? privateCertificate : publicCertificate)); } }, (connection) => {
      [github, gitlab, jenkins, entra].find(({ host }) => host === connection.servername)?.server.emit('connection', connection);
    }).listen(socket);
    await once(door, 'listening');
    const spec = specWith(unknown.certificate);
    plane = await ControlPlane.start(minor, { ...spec.access.entra, socket, authority: known.certificate }, [github, gitlab, jenkins].map(({ host }) => host));
    agent = new Agent({ connect: { socketPath: plane.socket, ca: plane.authority } });
    admin = new Agent({ connect: { socketPath: plane.socket, ca: plane.authority, ...plane.admin } });
    for (const { where, object } of await declaredAccess(spec)) expect(await call(undefined, 'POST', where, object)).toMatchObject({ status: 201 });
    const { body } = await call(undefined, 'GET', `/api/v1/namespaces/${pipelinesPlace.namespace}/configmaps/${pipelinesPlace.name}`);
    written = z.object({ data: z.object({ [pipelinesPlace.key]: z.string() }) }).parse(body).data[pipelinesPlace.key] ?? '';
    await write(issuerLines(written), 'success');
    // The issuers' keys are asked for in the background.
    await until(async () => (await status(github.token(shop))) === 200 && (await status(gitlab.token(invoices), 'ledger')) === 200, 60_000);
  }, 280_000);

  afterAll(async () => {
    await agent.close();
    await admin.close();
    await plane.close();
    door.close();
    rmSync(folder, { recursive: true });
  });

  it('are let in with a token that follows their rules, by a name that the token has no say in', async () => {
    const { body } = await call(github.token({ ...shop, groups: ['system:masters'], name: 'system:admin' }), 'POST', '/apis/authentication.k8s.io/v1/selfsubjectreviews', { apiVersion: 'authentication.k8s.io/v1', kind: 'SelfSubjectReview' });

    expect(body).toMatchObject({ status: { userInfo: { username: 'pipeline:shop', groups: ['pipeline:shop', 'system:authenticated'], extra: { 'clusterwright.io/pipeline-subject': [shop.sub] } } } });
  });

  it('act in their namespace by their role, and nowhere else', async () => {
    const configMap = { apiVersion: 'v1', kind: 'ConfigMap', metadata: { generateName: 'made-by-pipeline-' } };
    const [shopToken, invoicesToken, nightlyToken] = [github.token(shop), gitlab.token(invoices), jenkins.token({ aud: audience, sub: 'https://ci.example.com/job/nightly/' })];
    const post = async (token: string, namespace: string): Promise<number> => (await call(token, 'POST', `/api/v1/namespaces/${namespace}/configmaps`, configMap)).status;

    expect([await post(shopToken, 'payments'), await post(shopToken, 'ledger'), await post(shopToken, pipelinesPlace.namespace)]).toEqual([201, 403, 403]);
    expect([await post(invoicesToken, 'ledger'), await post(invoicesToken, 'payments')]).toEqual([201, 403]);
    expect([await status(nightlyToken), await post(nightlyToken, 'payments'), await status(nightlyToken, 'ledger')]).toEqual([200, 403, 403]);
    expect((await call(shopToken, 'GET', '/api/v1/pods')).status).toBe(403);
    expect((await call(shopToken, 'GET', `/api/v1/namespaces/${pipelinesPlace.namespace}/configmaps/${pipelinesPlace.name}`)).status).toBe(403);
  });

  it.each([
    ['for another audience', github.token({ ...shop, aud: 'sts.amazonaws.com' })],
    ['for the audience of another pipeline of this issuer', github.token({ ...shop, aud: 'another' })],
    ['of another repository', github.token({ ...shop, repository: 'acme/other' })],
    ['of a repository whose name only begins alike', github.token({ ...shop, repository: 'acme/shop-of-a-stranger' })],
    ['of another branch', github.token({ ...shop, ref: 'refs/heads/main' })],
    ['without one of the claims', github.token({ aud: audience, sub: shop.sub, repository: shop.repository })],
    ['with a claim of another type', github.token({ ...shop, ref: ['refs/heads/release-7'] })],
    ['of another issuer that says the same', gitlab.token(shop)],
    ['signed by somebody else', stranger.token(shop)],
    ['past its end', github.token({ ...shop, exp: Math.floor(Date.now() / 1000) - 60 })],
    ['that is good for more than a day', github.token({ ...shop, exp: Math.floor(Date.now() / 1000) + 90_000 })],
    ['that does not say since when', github.token({ ...shop, iat: undefined })],
    ['that follows the rules of two pipelines', github.token({ ...shop, aud: [audience, 'another'], sub: quoted })],
    ['that follows half of a quoted rule', github.token({ aud: 'another', sub: `repo:acme/shop:environment:it's ` })],
  ])('are refused with a token %s', async (_what, token) => {
    expect([await status(token), await status(token, 'ledger')]).toEqual([401, 401]);
  });

  it('are let in where the audience is one of a list, and where a rule has quotes and backslashes', async () => {
    expect(await status(github.token({ ...shop, aud: [audience, 'sts.amazonaws.com'] }))).toBe(200);
    expect(await status(github.token({ aud: 'another', sub: quoted }), 'ledger')).toBe(200);
  });

  it('may be as many, with as long rules, as a spec may have at one issuer', async () => {
    const many = Array.from({ length: 50 }, (_, index) => ({
      name: `pipeline-${index}`, issuer: github.url, audience, namespace: 'payments', role: 'developer' as const,
      claims: [{ claim: 'repository', value: `acme/${'"'.repeat(50)}-${index}` }, ...Array.from({ length: 9 }, (_unused, rule) => ({ claim: `c${rule}`, value: `${'y'.repeat(36)}/*` }))],
    }));
    expect(pipelineFaults(many, { entra: specOf('production').access.entra }, '')).toEqual([]);
    expect(many.reduce((sum, { claims }) => sum + JSON.stringify({ audience, claims }).length, 0)).toBeGreaterThan(38_000);
    const spec = specOf('production', { access: { pipelines: many } });
    await write(issuerLines(pipelinesDocument(spec)), 'success');
    const claims = Object.fromEntries(many[49]?.claims.map(({ claim, value }) => [claim, value]) ?? []);
    const whoami = async (): Promise<unknown> => (await call(github.token({ aud: audience, ...claims }), 'POST', '/apis/authentication.k8s.io/v1/selfsubjectreviews', { apiVersion: 'authentication.k8s.io/v1', kind: 'SelfSubjectReview' })).body;

    await until(async () => JSON.stringify(await whoami()).includes('"username":"pipeline:pipeline-49"'), 30_000);
    expect(await status(github.token(shop))).toBe(401);
  }, 250_000);

  it('stay as they are where the API server does not take the file, which is told by the counter that the nodes read', async () => {
    const lines = issuerLines(written);
    await write(lines, 'success');
    await write([...lines, ...lines], 'failure');

    expect(await status(github.token(shop))).toBe(200);
    await write(lines.slice(1), 'success');
    expect(await status(jenkins.token({ aud: audience, sub: 'https://ci.example.com/job/nightly/' }))).toBe(401);
  }, 500_000);
});
