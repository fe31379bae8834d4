import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { Portal, shortRequest } from '../../support/portal.js';
import { startTestService, type RunningService } from '../../support/service.js';

describe('a resource that cannot be provisioned', () => {
  let service: RunningService;
  let portal: Portal;

  beforeAll(async () => {
    service = await startTestService();
    portal = new Portal(service.url, service.control);
  });

  afterAll(async () => {
    await service.stop();
  });

  it('ends the job with the provider\'s words, keeps what exists, and a deletion removes it', async () => {
    await portal.plantFault({ cluster: 'broken', type: 'aws:ec2/instance:Instance', operation: 'create', kind: 'fail', times: 1000, message: 'InsufficientInstanceCapacity: we currently do not have sufficient capacity' });

    const job = await portal.change('POST', '/clusters', shortRequest('broken'));
    expect(job.state).toBe('failed');
    expect(job.error).toMatchObject({ code: 'resource-failed', resource: expect.stringContaining('cp-1') });
    expect(job.error?.detail).toContain('InsufficientInstanceCapacity');
    expect(job.error?.hint).not.toBe('');
    expect(JSON.stringify(job)).not.toMatch(/\n\s+at |node:internal|\.js:\d+/);
    expect(await portal.cluster('broken')).toMatchObject({ state: 'failed' });
    expect((await portal.inventory('broken')).items.length).toBeGreaterThan(10);

    const deleted = await portal.change('DELETE', '/clusters/broken?retain=none');
    expect(deleted.receipt?.leftovers).toEqual([]);
    expect((await portal.inventory('broken')).items).toEqual([]);
  });

  it('is no hindrance to a second cluster', async () => {
    const job = await portal.change('POST', '/clusters', shortRequest('sound'));
    expect(job.state).toBe('succeeded');
  });
});
