import { AuthorizeSecurityGroupIngressCommand, EC2Client } from '@aws-sdk/client-ec2';
import { GetObjectCommand, PutObjectCommand, S3Client } from '@aws-sdk/client-s3';
import { describe, expect, it } from 'vitest';
import { z } from 'zod';
import { driftReportSchema, type DriftReport } from '../../../model/drift.js';
import { stateFaults } from '../../chaos/truths.js';
import { clusterOf, emulatedAws, KubernetesCaller } from '../../support/kubernetes.js';
import { shortRequest } from '../../support/portal.js';
import { until } from '../../support/until.js';
import { useService } from '../../support/use-service.js';

const nodeListSchema = z.object({ items: z.array(z.object({ metadata: z.object({ name: z.string() }), spec: z.object({ providerID: z.string() }) })) });
const jobListSchema = z.object({ items: z.array(z.object({ id: z.string(), requestedBy: z.string() })) });
const labelledSchema = z.object({ items: z.array(z.object({ metadata: z.object({ uid: z.string(), labels: z.record(z.string(), z.string()) }) })) });
const expiriesSchema = z.object({ items: z.array(z.object({ cluster: z.string(), expiries: z.array(z.object({ kind: z.string(), name: z.string() })) })) });
const backupsSchema = z.object({ items: z.array(z.object({ id: z.string() })) });

describe('a cluster in doubt', () => {
  const { service, portal } = useService();

  const count = async (type: string): Promise<number> => (await portal.inventory('doubtful')).items.filter((item) => item.type === type).length;

  it('is made by another try after a lost answer, nothing twice, and repaired after something was deleted by hand', async () => {
    await portal.plantFault({ cluster: 'doubtful', type: 'aws:ec2/natGateway:NatGateway', operation: 'create', kind: 'lose-answer' });
    const id = await portal.submit('POST', '/clusters', shortRequest('doubtful'));
    expect(await portal.ended(id)).toMatchObject({ state: 'failed', error: { code: 'resource-failed' } });

    const retried = await portal.change('POST', `/jobs/${id}/retry`);
    expect(retried).toMatchObject({ state: 'succeeded', error: null });
    expect(await count('aws:ec2/natGateway:NatGateway')).toBe(1);
    const events = await portal.events(retried.id);
    expect(events.map(({ event }) => event)).toContainEqual(expect.objectContaining({ type: 'resource', op: 'import', name: 'nat-a', state: 'succeeded' }));

    const before = (await portal.inventory('doubtful')).items.length;
    const route = (await portal.inventory('doubtful')).items.find(({ type }) => type === 'aws:ec2/route:Route');
    await fetch(`${service.control}/resources/${encodeURIComponent(route?.id ?? '')}/delete`, { method: 'POST' });
    expect((await portal.inventory('doubtful')).items).toHaveLength(before - 1);
    expect(await portal.change('POST', '/clusters/doubtful/repair')).toMatchObject({ kind: 'repair', state: 'succeeded', error: null });
    expect((await portal.inventory('doubtful')).items).toHaveLength(before);
    expect(await portal.cluster('doubtful')).toMatchObject({ state: 'ready' });
    expect(await stateFaults(service.home, 'doubtful', await portal.inventory('doubtful'))).toEqual([]);
  });

  it('is saved on demand by a control plane, stays what it is, and lists what it can come back to', async () => {
    const kubernetes = await KubernetesCaller.open(service, await clusterOf(portal, 'doubtful'));
    await kubernetes.call('POST', '/api/v1/namespaces', { apiVersion: 'v1', kind: 'Namespace', metadata: { name: 'kept' } });
    await kubernetes.close();
    const before = await portal.cluster('doubtful');
    const saved = await portal.change('POST', '/clusters/doubtful/backups');
    expect(saved).toMatchObject({ kind: 'backup', state: 'succeeded', error: null, report: { kind: 'backups', backups: [{ of: 'etcd', kubernetesRelease: expect.any(String) as string }] } });
    expect(await portal.cluster('doubtful')).toMatchObject({ state: 'ready', spec: before.spec, lastJob: { id: saved.id, kind: 'backup' } });
    expect(await (await fetch(`${service.url}/clusters/doubtful/backups`)).json()).toMatchObject({ items: [{ of: 'etcd', sha256: expect.stringMatching(/^[0-9a-f]{64}$/) as string }] });
  });

  it('has its newest backup tried beside it and stays what it is, and is told all that is wrong with one that is not what it was', async () => {
    const before = await portal.cluster('doubtful');
    const passed = await portal.change('POST', '/clusters/doubtful/drills');
    expect(passed).toMatchObject({ kind: 'drill', state: 'succeeded', error: null, phases: [{ name: 'preflight' }, { name: 'drill', state: 'succeeded' }], report: { kind: 'drill', faults: [], finding: { canary: 'whole' } } });
    expect(await portal.cluster('doubtful')).toMatchObject({ state: 'ready', spec: before.spec, lastJob: { id: passed.id, kind: 'drill' } });

    const { items } = await portal.inventory('doubtful');
    const Bucket = items.map(({ id }) => id).find((id) => id.endsWith('-backups'));
    const s3 = new S3Client({ ...(await emulatedAws(service, (await clusterOf(portal, 'doubtful')).spec.region)), forcePathStyle: true });
    const { items: [backup] } = backupsSchema.parse(await (await portal.send('GET', '/clusters/doubtful/backups')).json());
    const description = { Bucket, Key: `${backup?.id ?? ''}.json` };
    const said = z.looseObject({ objects: z.int(), canary: z.looseObject({}) }).parse(JSON.parse((await (await s3.send(new GetObjectCommand(description))).Body?.transformToString()) ?? ''));
    const rewrite = (what: object) => s3.send(new PutObjectCommand({ ...description, Body: JSON.stringify(what) }));
    await rewrite({ ...said, objects: said.objects + 1, canary: { ...said.canary, sha256: '0'.repeat(64) } });
    const failed = await portal.change('POST', '/clusters/doubtful/drills');
    await rewrite(said);

    const faults = [`${said.objects} objects were found, and there were ${said.objects + 1} when it was made.`, expect.stringContaining('canary') as string];
    expect(failed).toMatchObject({ state: 'failed', error: { code: 'drill-failed', detail: expect.stringContaining(faults[0] ?? '') as string }, report: { rtoSeconds: null, faults } });
    expect(await portal.cluster('doubtful')).toMatchObject({ state: 'ready' });
    expect(await (await portal.send('GET', '/clusters/doubtful/drills')).json()).toMatchObject({ items: [{ job: failed.id, state: 'failed', report: { faults } }, { job: passed.id, state: 'succeeded', report: { faults: [] } }], nextCursor: null });
    expect(await (await portal.send('GET', '/metrics')).text()).toMatch(/^clusterwright_drills_failed 1$/m);
  });

  it('is found other than it should be in each of its layers, and nowhere else, and is put right by a repair', async () => {
    const cluster = await clusterOf(portal, 'doubtful');
    const check = async (): Promise<DriftReport> => {
      expect(await portal.change('POST', '/clusters/doubtful/drift')).toMatchObject({ kind: 'drift', state: 'succeeded', error: null });
      const answer: unknown = await (await portal.send('GET', '/clusters/doubtful/drift')).json();
      return z.object({ report: driftReportSchema }).parse(answer).report;
    };
    const kubernetes = await KubernetesCaller.open(service, cluster);
    // What a controller of the cluster adds is nobody's hand.
    await kubernetes.makeLoadBalancer('shop');
    expect(await check()).toMatchObject({ findings: [], unchecked: [] });

    const { items } = await portal.inventory('doubtful');
    const group = items.find(({ type, resource }) => type === 'aws:ec2/securityGroup:SecurityGroup' && resource === 'security-group-workers')?.id ?? '';
    const ec2 = new EC2Client(await emulatedAws(service, cluster.spec.region));
    const { SecurityGroupRules = [] } = await ec2.send(new AuthorizeSecurityGroupIngressCommand({ GroupId: group, IpPermissions: [{ IpProtocol: 'tcp', FromPort: 22, ToPort: 22, IpRanges: [{ CidrIp: '0.0.0.0/0' }] }] }));
    const rule = SecurityGroupRules[0]?.SecurityGroupRuleId ?? '';
    const bindings = z.object({ items: z.array(z.object({ metadata: z.object({ name: z.string() }) })) }).parse(await kubernetes.call('GET', '/apis/rbac.authorization.k8s.io/v1/clusterrolebindings?labelSelector=app.kubernetes.io/managed-by=clusterwright'));
    const binding = bindings.items[0]?.metadata.name ?? '';
    await kubernetes.call('DELETE', `/apis/rbac.authorization.k8s.io/v1/clusterrolebindings/${encodeURIComponent(binding)}`);
    const nodes = z.object({ items: z.array(z.object({ metadata: z.object({ name: z.string() }) })) }).parse(await kubernetes.call('GET', '/api/v1/nodes?labelSelector=node-role.kubernetes.io/control-plane'));
    const node = nodes.items[0]?.metadata.name ?? '';
    const manifest = '/etc/kubernetes/manifests/kube-apiserver.yaml';
    await portal.editFile(node, manifest, 'password: hunter2');

    const found = await check();
    expect(found).toMatchObject({
      unchecked: [],
      findings: [
        { layer: 'add-ons', resource: expect.stringContaining('ClusterRoleBinding') as string, property: null, seen: 'missing' },
        { layer: 'cloud', resource: rule, property: null, seen: 'tcp 22 in from 0.0.0.0/0' },
        { layer: 'nodes', resource: node, property: manifest },
      ],
    });
    expect(JSON.stringify(found)).not.toContain('hunter2');

    const repaired = await portal.change('POST', '/clusters/doubtful/repair');
    expect(repaired).toMatchObject({ state: 'succeeded', error: null });
    const told = (await portal.allEvents(repaired.id)).map(({ event }) => String(event['text']));
    expect(told).toEqual(expect.arrayContaining([expect.stringContaining(rule) as string, expect.stringContaining(manifest) as string]));
    expect(await check()).toMatchObject({ findings: [], unchecked: [] });
    await kubernetes.close();
  });

  it('keeps what its spec accepts, through an update and a repair, until the spec does not any more', async () => {
    const cluster = await clusterOf(portal, 'doubtful');
    const driftSchema = z.object({ report: driftReportSchema, accepted: z.array(z.object({ finding: z.string() })) });
    const check = async (): Promise<z.infer<typeof driftSchema>> => {
      expect(await portal.change('POST', '/clusters/doubtful/drift')).toMatchObject({ state: 'succeeded', error: null });
      return driftSchema.parse(await (await portal.send('GET', '/clusters/doubtful/drift')).json());
    };
    const { items } = await portal.inventory('doubtful');
    const group = items.find(({ resource }) => resource === 'security-group-workers')?.id ?? '';
    const ec2 = new EC2Client(await emulatedAws(service, cluster.spec.region));
    await ec2.send(new AuthorizeSecurityGroupIngressCommand({ GroupId: group, IpPermissions: [{ IpProtocol: 'tcp', FromPort: 22, ToPort: 22, IpRanges: [{ CidrIp: '192.0.2.0/24' }] }] }));
    await portal.mutate(items.find(({ type }) => type === 'aws:ec2/vpc:Vpc')?.id ?? '', { enableDnsHostnames: false });
    const kubernetes = await KubernetesCaller.open(service, cluster);
    const nodes = z.object({ items: z.array(z.object({ metadata: z.object({ name: z.string() }) })) }).parse(await kubernetes.call('GET', '/api/v1/nodes?labelSelector=node-role.kubernetes.io/control-plane'));
    await kubernetes.close();
    await portal.editFile(nodes.items[0]?.metadata.name ?? '', '/etc/kubernetes/manifests/etcd.yaml', 'tuned');

    const { findings } = (await check()).report;
    expect(findings.map(({ layer, property, acceptable }) => [layer, property, acceptable])).toEqual([['cloud', 'enableDnsHostnames', true], ['cloud', null, true], ['nodes', '/etc/kubernetes/manifests/etcd.yaml', true]]);
    const accepted = Object.fromEntries(findings.map(({ id, seen }) => [id, { seen, reason: 'it is meant' }]));
    expect(await portal.change('PATCH', '/clusters/doubtful', { drift: { accepted } })).toMatchObject({ state: 'succeeded', error: null });
    expect(await portal.change('POST', '/clusters/doubtful/repair')).toMatchObject({ state: 'succeeded', error: null });
    const kept = await check();
    expect(kept.report.findings).toEqual(findings);
    expect(kept.accepted.map(({ finding }) => finding)).toEqual(findings.map(({ id }) => id));

    expect(await portal.change('PATCH', '/clusters/doubtful', { drift: null })).toMatchObject({ state: 'succeeded', error: null });
    expect(await portal.change('POST', '/clusters/doubtful/repair')).toMatchObject({ state: 'succeeded', error: null });
    expect(await check()).toMatchObject({ report: { findings: [] }, accepted: [] });
  });

  it('is taken back to a backup: what was deleted since is there again, what was made since is not, and the platform is whole', async () => {
    const { items: [backup] } = backupsSchema.parse(await (await portal.send('GET', '/clusters/doubtful/backups')).json());
    const kubernetes = await KubernetesCaller.open(service, await clusterOf(portal, 'doubtful'));
    const there = (resource: string) => kubernetes.call('GET', resource).then(() => true, () => false);
    await kubernetes.call('POST', '/api/v1/namespaces', { apiVersion: 'v1', kind: 'Namespace', metadata: { name: 'later' } });
    await kubernetes.call('DELETE', '/api/v1/namespaces/kept');
    await portal.advanceClock(60);
    expect([await there('/api/v1/namespaces/kept'), await there('/api/v1/namespaces/later')]).toEqual([false, true]);

    const unknown = await portal.send('POST', '/clusters/doubtful/restore', { from: 'etcd/2020-01-01T00-00-00Z' });
    expect([unknown.status, await unknown.json()]).toEqual([422, expect.objectContaining({ code: 'invalid-body', errors: [expect.objectContaining({ pointer: '/from' })] })]);
    const restored = await portal.change('POST', '/clusters/doubtful/restore', { from: backup?.id });

    expect(restored).toMatchObject({ kind: 'restore', state: 'succeeded', error: null });
    expect([await there('/api/v1/namespaces/kept'), await there('/api/v1/namespaces/later')]).toEqual([true, false]);
    await kubernetes.close();
    expect(await portal.cluster('doubtful')).toMatchObject({ state: 'ready', lastJob: { id: restored.id, kind: 'restore' } });
    // It can be undone: etcd was saved before.
    const { items } = backupsSchema.parse(await (await portal.send('GET', '/clusters/doubtful/backups')).json());
    expect(items.length).toBeGreaterThan(1);
  });

  it('gets new certificates on its control plane, and a new key in steps, and is ready again', async () => {
    const told = async (id: string): Promise<string[]> => (await portal.events(id)).flatMap(({ event }) => (event.type === 'message' ? [String(event['text'])] : []));
    const renewed = await portal.change('POST', '/clusters/doubtful/rotate', { what: 'leaf' });
    expect(renewed).toMatchObject({ kind: 'rotate', state: 'succeeded', error: null, phases: [{ name: 'preflight' }, { name: 'rotate', state: 'succeeded' }, { name: 'verify', state: 'succeeded' }] });
    expect((await told(renewed.id)).filter((text) => text.includes('has new certificates'))).toHaveLength(1);

    const replaced = await portal.change('POST', '/clusters/doubtful/rotate', { what: 'encryption-key' });
    expect(replaced).toMatchObject({ state: 'succeeded', error: null });
    expect(await told(replaced.id)).toEqual(['There is a new key.', 'Every API server reads with the new key.', 'The new key is the one to write with.', 'Every API server writes with the new key.', 'Every Secret is written with the new key.', 'The old key is taken away.', 'No API server has the old key any more.']);
    expect(await portal.cluster('doubtful')).toMatchObject({ state: 'ready', lastJob: { kind: 'rotate' } });
  });

  it('gets new authorities in two phases: both are trusted in between, then what the old one has signed opens nothing', async () => {
    const rotate = (phase: string) => portal.change('POST', '/clusters/doubtful/rotate', { what: 'ca', phase });
    const early = await portal.send('POST', '/clusters/doubtful/rotate', { what: 'ca', phase: 'finish' });
    expect([early.status, await early.json()]).toEqual([409, expect.objectContaining({ code: 'rotation-not-begun' })]);
    const half = await portal.send('POST', '/clusters/doubtful/rotate', { what: 'ca' });
    expect([half.status, await half.json()]).toEqual([422, expect.objectContaining({ errors: [expect.objectContaining({ pointer: '/phase' })] })]);
    const before = await KubernetesCaller.open(service, await clusterOf(portal, 'doubtful'));
    const workers = async (caller: KubernetesCaller): Promise<string[]> => labelledSchema.parse(await caller.call('GET', '/api/v1/nodes')).items
      .flatMap(({ metadata: { uid, labels } }) => (labels['node-role.kubernetes.io/control-plane'] === undefined ? [uid] : []));
    const authorities = async (): Promise<string[]> => expiriesSchema.parse(await (await portal.send('GET', '/expiries')).json()).items
      .flatMap(({ cluster, expiries }) => (cluster === 'doubtful' ? expiries : [])).flatMap(({ kind, name }) => (kind === 'authority' ? [name] : [])).sort();
    const had = await workers(before);

    expect(await rotate('begin')).toMatchObject({ state: 'succeeded', error: null });
    const between = await KubernetesCaller.open(service, await clusterOf(portal, 'doubtful'));
    expect((await workers(before)).filter((uid) => had.includes(uid))).toEqual([]);
    expect((await workers(between)).length).toBe(had.length);
    expect(await authorities()).toEqual(['ca', 'ca-old', 'etcd/ca', 'etcd/ca-old', 'front-proxy-ca', 'front-proxy-ca-old']);
    // There is nothing left to begin.
    const again = await rotate('begin');
    expect(again).toMatchObject({ state: 'succeeded', error: null });
    expect((await portal.events(again.id)).filter(({ event }) => event.type === 'message' && String(event['text']).includes('has ended'))).toEqual([]);

    expect(await rotate('finish')).toMatchObject({ state: 'succeeded', error: null });
    const after = await KubernetesCaller.open(service, await clusterOf(portal, 'doubtful'));
    expect((await workers(after)).length).toBe(had.length);
    await expect(before.call('GET', '/api/v1/nodes')).rejects.toThrow();
    expect(await authorities()).toEqual(['ca', 'etcd/ca', 'front-proxy-ca']);
    for (const caller of [before, between, after]) await caller.close();
  });

  it('gets a new key of service accounts\' tokens in two phases, the second of which has to be begun by the first', async () => {
    const rotate = (phase: string) => portal.change('POST', '/clusters/doubtful/rotate', { what: 'service-account-key', phase });
    const early = async (): Promise<unknown[]> => {
      const refused = await portal.send('POST', '/clusters/doubtful/rotate', { what: 'service-account-key', phase: 'finish' });
      return [refused.status, await refused.json()];
    };
    const notBegun = [409, expect.objectContaining({ code: 'rotation-not-begun' })];
    expect(await early()).toEqual(notBegun);

    const begun = await rotate('begin');
    expect(begun).toMatchObject({ state: 'succeeded', error: null, report: { kind: 'service-account-key', begun: true, lastingTokens: [] } });
    expect((await portal.events(begun.id)).map(({ event }) => event['text'])).toEqual(expect.arrayContaining(['Both are published for who checks tokens outside the cluster.', 'Every control plane signs with it.']));
    expect(await rotate('finish')).toMatchObject({ state: 'succeeded', error: null, report: { begun: false } });
    expect(await early()).toEqual(notBegun);
    expect(await portal.cluster('doubtful')).toMatchObject({ state: 'ready' });
  });

  it('is hibernated, costs less then as its plan says, and is woken with all that was in it', async () => {
    const machines = async (): Promise<number> => count('aws:ec2/instance:Instance');
    const before = await machines();
    const { nodes } = await portal.cluster('doubtful');
    const awake = await KubernetesCaller.open(service, await clusterOf(portal, 'doubtful'));
    await awake.call('POST', '/api/v1/namespaces', { apiVersion: 'v1', kind: 'Namespace', metadata: { name: 'slept' } });
    await awake.close();
    const { plan } = z.object({ plan: z.object({ changes: z.array(z.unknown()), cost: z.object({ monthly: z.number(), monthlyBefore: z.number() }) }) }).parse(await portal.change('POST', '/clusters/doubtful/hibernate?dryRun=true'));
    expect(plan.changes).toEqual([]);
    expect(plan.cost.monthly).toBeLessThan(plan.cost.monthlyBefore);

    expect(await portal.change('POST', '/clusters/doubtful/hibernate')).toMatchObject({ kind: 'hibernate', state: 'succeeded', error: null });
    expect(await portal.cluster('doubtful')).toMatchObject({ state: 'hibernated', nodes: { controlPlane: 0, workers: 0 }, conditions: expect.arrayContaining([expect.objectContaining({ type: 'Reachable', status: 'False', reason: 'Hibernated' })]) as unknown });
    expect(await machines()).toBe(1);
    expect((await portal.send('PATCH', '/clusters/doubtful', { labels: { a: 'b' } })).status).toBe(409);

    expect(await portal.change('POST', '/clusters/doubtful/wake')).toMatchObject({ kind: 'wake', state: 'succeeded', error: null });
    expect(await portal.cluster('doubtful')).toMatchObject({ state: 'ready', nodes });
    expect(await machines()).toBe(before);
    const woken = await KubernetesCaller.open(service, await clusterOf(portal, 'doubtful'));
    expect(await woken.call('GET', '/api/v1/namespaces/slept').then(() => true, () => false)).toBe(true);
    await woken.close();
  });

  it('has a worker replaced by itself whose node has not been Ready for long, and no machine beside it', async () => {
    const kubernetes = await KubernetesCaller.open(service, await clusterOf(portal, 'doubtful'));
    const machines = async (): Promise<string[]> => (await portal.inventory('doubtful')).items.filter(({ type }) => type === 'aws:ec2/instance:Instance').map(({ id }) => id).sort();
    const { items: [worker] } = nodeListSchema.parse(await kubernetes.call('GET', '/api/v1/nodes?labelSelector=clusterwright.io/pool'));
    const machine = worker?.spec.providerID.split('/').at(-1);
    const others = (await machines()).filter((id) => id !== machine);
    const before = await portal.cluster('doubtful');

    await kubernetes.silence(worker?.metadata.name ?? '');
    const repair = async () => jobListSchema.parse(await (await portal.send('GET', '/clusters/doubtful/jobs')).json()).items.find(({ requestedBy }) => requestedBy === 'clusterwright');
    await until(async () => (await repair()) !== undefined, 150_000);
    const job = await portal.ended((await repair())?.id ?? '');

    expect(job).toMatchObject({ kind: 'repair', state: 'succeeded', error: null });
    expect((await portal.events(job.id)).map(({ event }) => event['text'])).toContainEqual(expect.stringContaining('its node is not Ready'));
    const after = await machines();
    expect(after).not.toContain(machine);
    expect(after).toEqual(expect.arrayContaining(others));
    expect(after).toHaveLength(others.length + 1);
    expect(nodeListSchema.parse(await kubernetes.call('GET', '/api/v1/nodes?labelSelector=clusterwright.io/pool')).items.map(({ spec }) => spec.providerID)).toHaveLength(1);
    expect(await portal.cluster('doubtful')).toMatchObject({ state: 'ready', spec: before.spec });
    await kubernetes.close();
    expect(await portal.change('PATCH', '/clusters/doubtful?dryRun=true', {})).toMatchObject({ state: 'succeeded', plan: { create: 0, update: 0, replace: 0, delete: 0 } });
  });

  it('is made no new cluster by a repair when its control plane is gone, and comes back from a backup on a new machine', async () => {
    const saved = await portal.change('POST', '/clusters/doubtful/backups');
    const [backup] = z.object({ report: z.object({ backups: z.array(z.object({ id: z.string() })) }) }).parse(saved).report.backups;
    const kubernetes = await KubernetesCaller.open(service, await clusterOf(portal, 'doubtful'));
    await kubernetes.call('POST', '/api/v1/namespaces', { apiVersion: 'v1', kind: 'Namespace', metadata: { name: 'later' } });
    const { items } = await portal.inventory('doubtful');
    const machine = items.find(({ type, resource }) => type === 'aws:ec2/instance:Instance' && resource === 'cp-1')?.id ?? '';
    await fetch(`${service.control}/resources/${encodeURIComponent(machine)}/delete`, { method: 'POST' });

    const refused = await portal.change('POST', '/clusters/doubtful/repair');
    expect(refused).toMatchObject({ state: 'failed', error: { code: 'control-planes-lost', hint: expect.stringContaining('/restore') as string } });
    const restored = await portal.change('POST', '/clusters/doubtful/restore', { from: backup?.id });

    expect(restored).toMatchObject({ kind: 'restore', state: 'succeeded', error: null });
    const there = (name: string) => kubernetes.call('GET', `/api/v1/namespaces/${name}`).then(() => true, () => false);
    expect([await there('kept'), await there('later')]).toEqual([true, false]);
    await kubernetes.close();
    expect(await portal.cluster('doubtful')).toMatchObject({ state: 'ready' });
    const machines = (await portal.inventory('doubtful')).items.filter(({ type, resource }) => type === 'aws:ec2/instance:Instance' && resource === 'cp-1').map(({ id }) => id);
    expect([machines.length, machines.includes(machine)]).toEqual([1, false]);
  });
});
