import { afterAll, beforeAll, expect, it } from 'vitest';
import { CommandLine } from '../../support/command-line.js';
import { connection, request, startApi, type RunningApi } from '../api/harness.js';
import { submissionOf } from '../api/schemas.js';

const group = '44444444-4444-4444-8444-444444444444';

let api: RunningApi;
let commands: CommandLine;
beforeAll(async () => {
  api = await startApi();
  commands = await CommandLine.open(() => ({ CLUSTERWRIGHT_URL: api.url }));
  await api.finish((await submissionOf(await api.send('POST', '/clusters', request('first')))).job.id, { change: { connection } });
});
afterAll(async () => {
  await commands.close();
  await api.stop();
});

it('lets a group in for a time, lists it, and takes it away', async () => {
  const granted = await commands.run(['grant', 'first', '--group', group, '--role', 'operator', '--for', '4h', '--reason', 'Incident 4711']);
  expect(granted.code).toBe(0);
  expect(granted.stderr).toMatch(/Beware: Entra puts at most 200 groups into a token\..*\nfirst: 44444444-\S+ is operator until \S+Z, by the grant [0-9A-Z]{26}\n/);
  const [, id = ''] = /by the grant (\w+)/.exec(granted.stderr) ?? [];
  await api.finish(id);

  const { stdout } = await commands.run(['grants', 'first']);
  expect(stdout).toMatch(new RegExp(`^GRANT .*\n${id} +${group} +operator +cluster +\\S+Z +3 h 59 min +anonymous +Incident 4711\n$`));

  const revoked = await commands.run(['revoke', 'first', id]);
  expect(revoked.code).toBe(0);
  await api.finish(/job (\w+)/.exec(revoked.stderr)?.[1] ?? '');
  expect((await commands.run(['grants', 'first', '-o', 'json'])).stdout).toBe('[]\n');
});

it('tells what is wrong, and asks for what is missing', async () => {
  const late = await commands.run(['grant', 'first', '--group', group, '--role', 'viewer', '--for', '90d', '--reason', 'Incident 4711']);
  expect(late.code).toBe(2);
  for (const pointer of ['/until', '/namespaces']) expect(late.stderr).toContain(pointer);
  expect((await commands.run(['grant', 'first', '--group', group, '--role', 'operator', '--for', 'soon', '--reason', 'x'])).stderr).toContain('--for soon is no duration');
  expect((await commands.run(['grant', 'first', '--group', group, '--role', 'operator', '--for', '4h'])).stderr).toContain('--reason');
  expect((await commands.run(['revoke', 'first', '01ARZ3NDEKTSV4RRFFQ69G5FAV'])).stderr).toContain('grant-not-found');
});
