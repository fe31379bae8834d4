import { describe, expect, it } from 'vitest';
import { z } from 'zod';
import { browse } from '../../support/browser.js';
import { useService } from '../../support/use-service.js';

const openApiSchema = z.object({ paths: z.record(z.string(), z.record(z.string(), z.object({ operationId: z.string(), tags: z.array(z.string()), summary: z.string() }))) });

describe('/docs in a browser', () => {
  const { service } = useService();

  it('shows every operation of the API, and nothing is refused or missing', async () => {
    const { paths } = openApiSchema.parse(await (await fetch(`${service.url}/openapi.json`)).json());
    const operations = Object.values(paths).flatMap((methods) => Object.values(methods));
    expect(operations.length).toBeGreaterThan(15);

    const page = await browse(`${service.url}/docs`);

    const missing = operations.filter(({ operationId, tags, summary }) => !page.document.includes(`id="operations-${tags[0]}-${operationId}"`) || !page.document.includes(summary));
    expect(missing).toEqual([]);
    expect(page.console).toEqual([]);
    // The console does not tell of a style sheet that is not there.
    const assets = [...page.document.matchAll(/(?:src|href)="(\/docs\/[^"]+)"/g)].flatMap(([, asset]) => asset ?? []);
    expect(assets).toHaveLength(3);
    expect(await Promise.all(assets.map(async (asset) => (await fetch(service.url + asset)).status))).toEqual([200, 200, 200]);
  });

  it('opens an operation by its link, with a request that can be sent as it is', async () => {
    const page = await browse(`${service.url}/docs#/Clusters/createCluster`);
    expect(page.document).toContain('Idempotency-Key');
    expect(page.document.replaceAll(/<[^>]*>/g, '').replaceAll('&quot;', '"')).toMatch(/"name":\s*"payments-prod",\s*"template":\s*"production"/);
    expect(page.console).toEqual([]);
  });
});
