// @vitest-environment jsdom
import { execFile } from 'node:child_process';
import { readFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import path from 'node:path';
import { promisify } from 'node:util';
import { mockCredentials } from '@backstage/backend-test-utils';
import type { BackendFeature } from '@backstage/backend-plugin-api';
import type { Entity } from '@backstage/catalog-model';
import { discoveryApiRef, fetchApiRef, type FrontendPlugin } from '@backstage/frontend-plugin-api';
import { renderTestApp } from '@backstage/frontend-test-utils';
import { createTestEntityPage } from '@backstage/plugin-catalog-react/testUtils';
import { cleanup, screen } from '@testing-library/react';
import { afterAll, afterEach, beforeAll, describe, expect, inject, it } from 'vitest';
import type * as frontendPackage from '../plugins/clusterwright/src';
import { startBackend, type Backend } from './backend';
import { request, serviceClient } from './clusterwright';

const root = path.resolve(import.meta.dirname, '..');
const entity: Entity = {
  apiVersion: 'backstage.io/v1alpha1', kind: 'Resource',
  metadata: { name: 'on-a-page', namespace: 'default', annotations: { 'clusterwright.io/cluster': 'on-a-page', 'backstage.io/managed-by-origin-location': `url:${inject('clusterwright').baseUrl}/clusters/on-a-page` } },
  spec: { type: 'kubernetes-cluster', owner: 'group:default/payments' },
};

/** What `npm run build` writes, in a backend and on a page. */
describe('the built packages', () => {
  const client = serviceClient();
  let built: typeof frontendPackage;
  let backstage: Backend;
  let jobId: string;

  beforeAll(async () => {
    await promisify(execFile)(process.execPath, [path.join(root, 'tools/build.mjs')]);
    built = await import(path.join(root, 'plugins/clusterwright/dist/index.esm.js')) as typeof frontendPackage;
    const backend = createRequire(import.meta.url)(path.join(root, 'plugins/clusterwright-backend/dist/index.cjs.js')) as { default: BackendFeature };
    backstage = await startBackend({ feature: backend.default, entities: [entity] });
    jobId = (await client.createCluster(request('on-a-page') as unknown as Parameters<typeof client.createCluster>[0])).job.id;
  });
  afterAll(async () => {
    await client.cancelJob(jobId, { force: true });
    await client.watchJob(jobId);
    await backstage.backend.stop();
  });
  afterEach(cleanup);

  it('give the scaffolder its actions', () => {
    expect([...backstage.actions.keys()]).toEqual(['clusterwright:cluster:create', 'clusterwright:cluster:update', 'clusterwright:cluster:delete']);
  });

  it('check what actions are given by the schemas of the API', async () => {
    const { components: { schemas } } = JSON.parse(await readFile(path.join(root, '../api/openapi.json'), 'utf8')) as { components: { schemas: Record<string, unknown> } };
    const input = (action: string) => backstage.actions.get(`clusterwright:cluster:${action}`)?.schema?.input?.properties;
    // The scaffolder has the actions' schemas alone, so what the document says by reference they say themselves.
    const said = (name: string): unknown => JSON.parse(JSON.stringify(schemas[name]).replaceAll('{"$ref":"#/components/schemas/AccessGrant"}', JSON.stringify(schemas['AccessGrant'])));
    expect(input('create')?.['cluster']).toEqual(said('ClusterRequest'));
    expect(input('update')?.['patch']).toEqual(said('ClusterPatch'));
  });

  it('show a cluster being made, with its job and the way to the console, on the page of its entity', async () => {
    show(entity);

    expect(await screen.findByText('provisioning (simulated)', {}, { timeout: 20_000 })).toBeDefined();
    expect(screen.getByRole('progressbar', { name: 'Progress of the job create' })).toBeDefined();
    expect(screen.getByText(/^create: (queued|running)/)).toBeDefined();
    expect(screen.getByText('aws, eu-west-1')).toBeDefined();
    expect(screen.getByText('Open in the console').closest('a')?.href).toMatch(/^http:\/\/127\.0\.0\.1:\d+\/#\/clusters\/on-a-page$/);
  });

  it('say on the page what Backstage\'s backend answers for a cluster that is not there', async () => {
    show({ ...entity, metadata: { ...entity.metadata, name: 'unknown' } });

    expect(await screen.findAllByText(/There is no entity resource:default\/unknown/, {}, { timeout: 20_000 })).not.toEqual([]);
  });

  it('have no card on the page of another entity', async () => {
    show({ ...entity, metadata: { name: 'database', namespace: 'default' }, spec: { type: 'database' } });

    expect(built.isClusterwrightAvailable(entity)).toBe(true);
    await new Promise((resolve) => { setTimeout(resolve, 500); });
    expect(screen.queryByText('Kubernetes cluster')).toBeNull();
  });

  /** Opens an entity's page in an app that has the plugin; it reaches the backend as a user who is signed in. */
  function show(shown: Entity): void {
    renderTestApp({
      extensions: [createTestEntityPage({ entity: shown })],
      features: [built.default as FrontendPlugin],
      apis: [
        [discoveryApiRef, { getBaseUrl: async () => backstage.url }],
        [fetchApiRef, { fetch: (input: RequestInfo | URL, init?: RequestInit) => fetch(input, { ...init, headers: { authorization: mockCredentials.user.header() } }) }],
      ],
    });
  }
});
