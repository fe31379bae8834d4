import { randomBytes } from 'node:crypto';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import { kubernetesVersions } from '../../../model/spec.js';
import { nodeFiles } from '../../../programs/nodes/render.js';
import { nodeTemplates, type NodeFile } from '../../../programs/nodes/templates.js';
import { complianceRows, staticPodEvidence } from '../../support/compliance.js';
import { EntraTenant, groupOf } from '../../support/entra-tenant.js';
import { kubernetesProgram } from '../../support/kubernetes-programs.js';
import { NodeSpace, staticPodArguments, type Answer, type Credentials } from '../../support/node-space.js';
import { factsOf, filledByNode, layOut } from '../../support/nodes.js';
import { until } from '../../support/until.js';

/** The address that {@link filledByNode} gives the node. */
const address = '10.20.0.16';
const server = `https://${address}:6443`;
const ca = '/etc/kubernetes/pki/ca.crt';
const planted = `planted-${randomBytes(8).toString('hex')}`;

/**
 * A control plane's etcd and API server, started by the very commands that kubeadm writes for the rendered configuration, with the rendered files at their
 * places and certificates that kubeadm makes.
 */
describe.each(kubernetesVersions.map((minor) => ({ minor, provider: minor === '1.35' ? ('azure' as const) : ('aws' as const) })))('the API server of $minor on $provider', ({ minor, provider }) => {
  const folder = mkdtempSync(path.join(os.tmpdir(), 'api-server-'));
  const tenant = new EntraTenant();
  let space: NodeSpace;
  let admin: Credentials;

  const call = (method: string, where: string, credentials?: Credentials, body?: unknown): Promise<Answer> => space.request(method, `${server}${where}`, path.join(folder, 'ca.crt'), credentials, body);
  const kubeadm = async (...args: string[]): Promise<void> => {
    const { code, output } = await space.run(kubernetesProgram(minor, 'kubeadm'), 'init', 'phase', ...args, '--config', '/etc/clusterwright/kubeadm/init.yaml');
    if (code !== 0) throw new Error(output);
  };
  const copyOut = async (file: string): Promise<string> => {
    const copy = path.join(folder, path.basename(file));
    await space.run('cp', file, copy);
    return copy;
  };

  beforeAll(async () => {
    const facts = { ...(await factsOf({ template: 'hardened', provider, minor, role: 'control-plane' })), entra: { tenantId: tenant.id, clientId: tenant.audience } };
    const key = randomBytes(32).toString('base64');
    const files = nodeFiles(nodeTemplates(), facts).filter(({ path: place }) => place.startsWith('/etc/clusterwright/') || place.startsWith('/etc/kubernetes/')).map((file): NodeFile => ({ ...file, content: filledByNode(file.content) }));
    const encryption = files.find(({ path: place }) => place === '/etc/clusterwright/encryption.yaml');
    if (encryption === undefined) throw new Error('there is no encryption.yaml');
    layOut([...files, { ...encryption, path: '/etc/kubernetes/clusterwright/encryption.yaml', content: encryption.content.replace('${ENCRYPTION_KEY}', key) }], folder);

    space = await NodeSpace.open(address);
    await space.run('cp', '--archive', path.join(folder, 'etc/clusterwright'), path.join(folder, 'etc/kubernetes'), '/etc/');
    await tenant.serve(space, folder);
    await kubeadm('certs', 'all');
    await kubeadm('kubeconfig', 'super-admin');
    await kubeadm('control-plane', 'all');
    await kubeadm('etcd', 'local');

    const manifest = (name: string) => copyOut(`/etc/kubernetes/manifests/${name}.yaml`);
    for (const name of ['kube-controller-manager', 'kube-scheduler']) await manifest(name);
    await copyOut(ca);
    space.start(kubernetesProgram('etcd', 'etcd'), staticPodArguments(await manifest('etcd')), path.join(folder, 'etcd.log'));
    const apiServer = space.start(kubernetesProgram(minor, 'kube-apiserver'), staticPodArguments(await manifest('kube-apiserver')), path.join(folder, 'kube-apiserver.log'));
    const config = parse(readFileSync(await copyOut('/etc/kubernetes/super-admin.conf'), 'utf8')) as { users: { user: Record<string, string> }[] };
    const decoded = (field: string) => Buffer.from(config.users[0]?.user[field] ?? '', 'base64').toString();
    admin = { certificate: { cert: decoded('client-certificate-data'), key: decoded('client-key-data') } };
    await until(async () => {
      if (apiServer.exitCode !== null) throw new Error(`the API server ended: ${readFileSync(path.join(folder, 'kube-apiserver.log'), 'utf8').slice(-2000)}`);
      return (await call('GET', '/readyz').catch(() => undefined))?.status === 200;
    }, 180_000);
  });
  afterAll(async () => {
    await space.close();
    rmSync(folder, { recursive: true });
  });

  it('answers the probes, and nobody else without a name', async () => {
    for (const probe of ['/readyz', '/livez', '/healthz']) expect(await call('GET', probe)).toEqual({ status: 200, body: 'ok' });
    for (const closed of ['/version', '/api', '/readyz/etcd', '/api/v1/namespaces/kube-public/configmaps/cluster-info']) expect((await call('GET', closed)).status, closed).toBe(401);
  });

  it('and its companions run with what docs/compliance.md says of them', () => {
    const said = complianceRows().map(staticPodEvidence).filter((evidence) => evidence !== undefined);
    expect(said.length).toBeGreaterThan(15);
    for (const { pod, flag, present } of said) {
      const given = staticPodArguments(path.join(folder, `${pod}.yaml`));
      expect(given.some((argument) => argument === flag || argument.startsWith(`${flag}=`) || (!flag.startsWith('--') && argument.includes(flag))), `${pod} ${flag}`).toBe(present);
    }
  });

  it('waits out the load balancer before it ends, longer than the pod is given', async () => {
    const pod = parse(readFileSync(path.join(folder, 'kube-apiserver.yaml'), 'utf8')) as { spec: { terminationGracePeriodSeconds: number } };
    expect(staticPodArguments(path.join(folder, 'kube-apiserver.yaml'))).toContain('--shutdown-delay-duration=25s');
    expect(pod.spec.terminationGracePeriodSeconds).toBe(60);
  });

  it('keeps secrets encrypted in etcd and out of the audit log', async () => {
    const secret = { apiVersion: 'v1', kind: 'Secret', metadata: { name: 'planted', namespace: 'default' }, stringData: { value: planted } };
    expect((await call('POST', '/api/v1/namespaces/default/secrets', admin, secret)).status).toBe(201);

    const encoded = Buffer.from(planted).toString('base64');
    const inEtcd = async (text: string) => (await space.run('grep', '--recursive', '--text', '--fixed-strings', '--files-with-matches', text, '/var/lib/etcd')).code === 0;
    expect(await inEtcd('k8s:enc:secretbox:v1:key1:')).toBe(true);
    expect(await inEtcd(planted)).toBe(false);
    expect(await inEtcd(encoded)).toBe(false);
    const audit = readFileSync(await copyOut('/var/log/kubernetes/audit/audit.log'), 'utf8');
    const audited = (text: string) => audit.includes(text);
    expect(audited('"requestURI":"/api/v1/namespaces/default/secrets"')).toBe(true);
    expect([planted, encoded, '"requestURI":"/readyz"'].filter(audited)).toEqual([]);
  });

  it('refuses pods that baseline forbids and services with addresses from outside', async () => {
    await call('POST', '/api/v1/namespaces/default/serviceaccounts', admin, { apiVersion: 'v1', kind: 'ServiceAccount', metadata: { name: 'default' } });
    const pod = (spec: object) => call('POST', '/api/v1/namespaces/default/pods?dryRun=All', admin, { apiVersion: 'v1', kind: 'Pod', metadata: { name: 'p' }, spec: { containers: [{ name: 'c', image: 'x' }], ...spec } });
    const service = (spec: object) => call('POST', '/api/v1/namespaces/default/services?dryRun=All', admin, { apiVersion: 'v1', kind: 'Service', metadata: { name: 's' }, spec: { ports: [{ port: 80 }], ...spec } });

    expect((await pod({})).status).toBe(201);
    expect(await pod({ hostNetwork: true })).toMatchObject({ status: 403, body: expect.stringContaining(`violates PodSecurity \\"baseline:v${minor}\\"`) });
    expect((await service({})).status).toBe(201);
    expect(await service({ externalIPs: ['192.0.2.1'] })).toMatchObject({ status: 403, body: expect.stringContaining('external IPs') });
  });

  it('tells the service-account issuer that the cloud trusts', async () => {
    const { body } = await call('GET', '/.well-known/openid-configuration', admin);
    const { issuer } = await factsOf({ template: 'hardened', provider, minor, role: 'control-plane' });
    expect(JSON.parse(body)).toMatchObject({ issuer, jwks_uri: `${issuer ?? ''}/openid/v1/jwks` });
  });

  it('knows people by their object id and their groups by theirs, from its tenant only', async () => {
    const [allowed, other] = ['11111111-aaaa-4aaa-8aaa-000000000001', '11111111-aaaa-4aaa-8aaa-000000000002'];
    const metadata = { name: 'people' };
    const role = { apiVersion: 'rbac.authorization.k8s.io/v1', kind: 'ClusterRole', metadata, rules: [{ apiGroups: [''], resources: ['pods'], verbs: ['list'] }] };
    const binding = {
      apiVersion: 'rbac.authorization.k8s.io/v1', kind: 'ClusterRoleBinding', metadata,
      roleRef: { apiGroup: 'rbac.authorization.k8s.io', kind: 'ClusterRole', name: 'people' }, subjects: [{ apiGroup: 'rbac.authorization.k8s.io', kind: 'Group', name: groupOf(allowed) }],
    };
    for (const [plural, object] of [['clusterroles', role], ['clusterrolebindings', binding]] as const) {
      expect((await call('POST', `/apis/rbac.authorization.k8s.io/v1/${plural}`, admin, object)).status).toBe(201);
    }
    const pods = async (claims: object) => (await call('GET', '/api/v1/pods', { token: tenant.token(claims) })).status;
    // Its keys are asked for in the background, once the server is up.
    await until(async () => (await pods({ groups: [allowed] })) !== 401, 60_000);

    expect(await pods({ groups: [allowed] })).toBe(200);
    expect(await pods({ groups: [other] })).toBe(403);
    expect(await pods({ groups: ['system:masters'] })).toBe(403);
    expect(await pods({ groups: [allowed], tid: '00000000-0000-4000-8000-000000000000' })).toBe(401);
    expect(await pods({ groups: [allowed], aud: 'another-application' })).toBe(401);
    const review = await call('POST', '/apis/authentication.k8s.io/v1/selfsubjectreviews', { token: tenant.token({ groups: [allowed], preferred_username: 'ada@example.com' }) }, { apiVersion: 'authentication.k8s.io/v1', kind: 'SelfSubjectReview' });
    expect(JSON.parse(review.body)).toMatchObject({ status: { userInfo: { username: groupOf(tenant.person), extra: { 'clusterwright.io/preferred-username': ['ada@example.com'] } } } });
  });
});
