import { afterAll, beforeAll, expect, it } from 'vitest';
import { driftFinding, type DriftReport } from '../../../model/drift.js';
import { CommandLine } from '../../support/command-line.js';
import { connection, request, startApi, type RunningApi } from '../api/harness.js';
import { problemOf, submissionOf } from '../api/schemas.js';

const rule = driftFinding({ layer: 'cloud', resource: 'sgr-1', property: null, expected: 'no such rule in sg-1', seen: 'tcp 22 in from 0.0.0.0/0', acceptable: true, repair: 'POST /clusters/{name}/repair' });
const binding = driftFinding({ layer: 'add-ons', resource: 'RoleBinding::viewers', property: null, expected: 'there', seen: 'missing', repair: 'POST /clusters/{name}/repair' });
const report: DriftReport = { kind: 'drift', at: '2026-11-29T10:00:00.000Z', findings: [rule, binding], unchecked: [] };

let api: RunningApi;
let commands: CommandLine;
beforeAll(async () => {
  api = await startApi();
  commands = await CommandLine.open(() => ({ CLUSTERWRIGHT_URL: api.url }));
  await api.finish((await submissionOf(await api.send('POST', '/clusters', request('first')))).job.id, { change: { connection } });
  await api.store.report('first', (await api.store.getCluster('first'))?.uid ?? '', report);
});
afterAll(async () => {
  await commands.close();
  await api.stop();
});

const ignored = async (): Promise<unknown> => (await (await api.send('GET', '/clusters/first/drift')).json() as { ignored: unknown }).ignored;

it('counts a cluster as drifted until all that was found is left aside, and again when it is not', async () => {
  expect(await api.store.driftedClusters()).toBe(1);
  for (const { id } of [rule, binding]) {
    const told = await commands.run(['ignore-drift', 'first', id, '--for', '30d', '--reason', 'until the partner has moved']);
    expect([told.code, told.stderr]).toEqual([0, expect.stringContaining(`first: ${id} is left aside until `) as string]);
  }

  expect(await ignored()).toEqual([binding, rule].map(({ id }) => ({ finding: id, until: expect.any(String) as string, reason: 'until the partner has moved', by: 'anonymous' })));
  expect(await api.store.driftedClusters()).toBe(0);
  expect(await (await api.send('GET', '/metrics')).text()).toMatch(/^clusterwright_clusters_drifted 0$/m);

  expect((await commands.run(['notice-drift', 'first', rule.id])).code).toBe(0);
  expect(await ignored()).toMatchObject([{ finding: binding.id }]);
  expect(await (await api.send('GET', '/metrics')).text()).toMatch(/^clusterwright_clusters_drifted 1$/m);
});

it('refuses what was not found and times that are past or far away, all at once', async () => {
  for (const until of ['2026-01-01T00:00:00Z', '2099-01-01T00:00:00Z']) {
    const answer = await api.send('POST', '/clusters/first/drift/ignored', { finding: 'nodes#x#y', until, reason: 'a test' });
    expect(await problemOf(answer)).toMatchObject({ status: 422, code: 'invalid-body', errors: [{ pointer: '/finding' }, { pointer: '/until' }] });
  }
  expect(await problemOf(await api.send('POST', '/clusters/nowhere/drift/ignored', {}))).toMatchObject({ status: 404 });
});

it('counts what the spec accepts as long as just that is seen, and accepts nothing that the report does not say', async () => {
  const drifted = () => api.store.driftedClusters();
  const uid = (await api.store.getCluster('first'))?.uid ?? '';
  await commands.run(['notice-drift', 'first', binding.id]);
  await api.store.report('first', uid, { ...report, findings: [rule] });
  expect(await drifted()).toBe(1);

  const refused = await commands.run(['accept-drift', 'first', 'cloud#sgr-2#', '--reason', 'meant']);
  expect([refused.code, refused.stderr]).toEqual([2, expect.stringContaining('has not found cloud#sgr-2#') as string]);
  expect(await problemOf(await api.send('PATCH', '/clusters/first', { drift: { accepted: { [binding.id]: { seen: binding.seen, reason: '' } } } }))).toMatchObject({ status: 422, errors: [{ pointer: `/drift/accepted/${binding.id}`, detail: 'must be the id of a finding of the layer cloud or nodes' }] });
  const accepted = await commands.run(['accept-drift', 'first', rule.id, '--reason', 'the partner\'s way in']);
  expect([accepted.code, accepted.stderr]).toEqual([0, expect.anything()]);
  expect((await api.store.getCluster('first'))?.spec.drift?.accepted).toEqual({ [rule.id]: { seen: rule.seen, reason: 'the partner\'s way in' } });
  expect(await (await api.send('GET', '/clusters/first/drift')).json()).toMatchObject({ accepted: [{ finding: rule.id, reason: 'the partner\'s way in' }] });
  expect(await drifted()).toBe(0);

  await api.store.report('first', uid, { ...report, findings: [{ ...rule, seen: 'all in from 0.0.0.0/0' }] });
  expect(await drifted()).toBe(1);
  await api.store.report('first', uid, report);
  expect((await commands.run(['accept-drift', 'first', binding.id, '--reason', 'meant'])).stderr).toContain('cannot be accepted');
});
