/**
 * Starts what the tests talk to, from the checkout's dist/: Clusterwright on its sandbox at latency 0, with sign-in, and the stand-in for Microsoft Entra ID that
 * gives Backstage its tokens.
 */
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { buildDist } from '../../../tools/setup/build.mjs';
import { copySchemas } from '../../tools/schemas.mjs';

const tenantId = '00000000-0000-4000-8000-0000000000aa';
const audience = '00000000-0000-4000-8000-0000000000ab';
const clientId = '00000000-0000-4000-8000-0000000000ac';
const clientSecret = 'secret-of-backstage';

/** @param {import('vitest/node').TestProject} project */
export default async function setup(project) {
  await Promise.all([buildDist(), copySchemas()]);
  const [{ EntraSandbox }, { startTestService }] = await Promise.all([import('../../../dist/test/support/entra-sandbox.js'), import('../../../dist/test/support/service.js')]);
  const entra = await EntraSandbox.start();
  const folder = await mkdtemp(path.join(tmpdir(), 'clusterwright-backstage-'));
  /** @type {{url: string, process: import('node:child_process').ChildProcess, stop(): Promise<void>} | undefined} */
  let service;
  // Tests that are interrupted are not torn down.
  const end = () => service?.process.kill();
  process.once('exit', end);
  const stop = async () => {
    process.off('exit', end);
    await service?.stop();
    await entra.stop();
    await rm(folder, { recursive: true });
  };
  try {
    await entra.call('PUT', `/entra/tenants/${tenantId}`, {
      displayName: 'Portals', applications: [{ id: clientId, servicePrincipalId: '00000000-0000-4000-8000-0000000000ad', displayName: 'backstage', secret: clientSecret, roles: { [audience]: ['Portal'] } }],
    });
    const tenancy = path.join(folder, 'tenancy.yaml');
    await writeFile(tenancy, JSON.stringify({ grants: [{ applicationRole: 'Portal', role: 'operator', owners: ['*'] }] }));
    service = await startTestService({
      CLUSTERWRIGHT_AUTH: 'entra', CLUSTERWRIGHT_ENTRA_TENANT: tenantId, CLUSTERWRIGHT_ENTRA_AUDIENCE: audience, CLUSTERWRIGHT_ENTRA_AUTHORITY: entra.authority, CLUSTERWRIGHT_TENANCY: tenancy,
    });
  } catch (error) {
    await stop();
    throw error;
  }
  project.provide('clusterwright', { baseUrl: service.url, entra: { tenantId, clientId, clientSecret, scope: `${audience}/.default`, authority: entra.authority } });
  return stop;
}
