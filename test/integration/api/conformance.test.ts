import { execFile } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { findSchemathesis, whyNoSchemathesis } from '../../../tools/setup/schemathesis.mjs';
import { request } from './harness.js';
import { submissionOf } from './schemas.js';
import { person, startSignedInApi, type SignedInApi } from './tenants.js';

let signedIn: SignedInApi;
let folder: string;
let ids: { ready: string; failed: string };
beforeAll(async () => {
  folder = await mkdtemp(path.join(tmpdir(), 'clusterwright-conformance-'));
  // Thousands of changes come within a minute here, and are meant to be looked at.
  signedIn = await startSignedInApi({ limits: { writesPerMinute: 1_000_000 } });
  const { api } = signedIn;
  const create = async (name: string) => (await submissionOf(await signedIn.as(person('everything'), 'POST', '/clusters', request(name, { owner: 'payments' })))).job.id;
  ids = { ready: await create('conform-ready'), failed: await create('conform-failed') };
  await api.finish(ids.ready);
  await api.finish(ids.failed, { state: 'failed' });
});
afterAll(async () => {
  await signedIn.stop();
  await rm(folder, { recursive: true, force: true });
});

/** What every answer is held against. Whether data that fit the schema are *accepted* is not: rules across fields, quotas and preconditions refuse some (422, 409, 412). */
const checks = [
  'not_a_server_error', 'status_code_conformance', 'content_type_conformance', 'response_headers_conformance', 'response_schema_conformance', 'negative_data_rejection',
  'missing_required_header', 'unsupported_method', 'allow_header_conformance', 'ignored_auth',
];

/** Runs schemathesis on the service's own document, with a valid token that is in its environment only. */
async function conforms(parameters: Record<string, string>, more: readonly string[]): Promise<{ code: number; output: string }> {
  const program = findSchemathesis();
  if (program === undefined) throw new Error(whyNoSchemathesis);
  const config = path.join(folder, 'schemathesis.toml');
  await writeFile(config, [
    'headers = { Authorization = "Bearer ${CLUSTERWRIGHT_TEST_TOKEN}" }', 'color = false',
    // 412 beside those that are expected anyway, and no 5xx.
    '[checks]', 'negative_data_rejection.expected-statuses = [400, 401, 403, 404, 405, 406, 409, 412, 413, 415, 422, 429]',
    '[parameters]', ...Object.entries(parameters).map(([name, value]) => `"${name}" = "${value}"`),
    // Streams do not end.
    '[[operations]]', 'include-path = "/jobs/{id}/events"', '[operations.parameters]', '"header.Accept" = "application/json"', '',
  ].join('\n'));
  const token = await signedIn.token(person('everything'));
  return new Promise((resolve) => {
    execFile(program, [
      '--config-file', config, 'run', '--url', signedIn.api.url, '--checks', checks.join(','), '--seed', '31', '--generation-database', 'none', '--max-failures', '20', ...more, `${signedIn.api.url}/openapi.json`,
    ], { cwd: folder, env: { ...process.env, CLUSTERWRIGHT_TEST_TOKEN: token }, maxBuffer: 64 * 2 ** 20 }, (error, stdout, stderr) => {
      resolve({ code: error === null ? 0 : Number(error.code ?? 1), output: `${stdout}${stderr}` });
    });
  });
}

it('answers whatever its document allows as the document says, and never with 5xx', async () => {
  const { code, output } = await conforms({}, ['--phases', 'examples,coverage,fuzzing', '--max-examples', '8']);
  expect(code, output).toBe(0);
});

it('does so about clusters and jobs that are there', async () => {
  const { code, output } = await conforms({ 'path.name': 'conform-ready', 'path.id': ids.failed }, ['--include-path-regex', '^/(clusters|jobs)/', '--phases', 'fuzzing', '--max-examples', '40']);
  expect(code, output).toBe(0);
});
