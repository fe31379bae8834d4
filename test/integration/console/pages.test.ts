import { readFile } from 'node:fs/promises';
import type { Browser, BrowserContext, Page } from 'playwright-core';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { jobViewSchema } from '../../../api/views/job.js';
import type { JobEventBody } from '../../../model/event.js';
import type { JobRecord } from '../../../model/job.js';
import { accessibilityFaults } from '../../support/accessibility.js';
import { openPage, startChromium, type WatchedPage } from '../../support/chromium.js';
import { request, type RunningApi } from '../api/harness.js';
import { jobOf, pageOf, submissionOf } from '../api/schemas.js';
import { startConsoleApi } from './console-api.js';

let api: RunningApi;
let browser: Browser;
let context: BrowserContext;
let watched: WatchedPage;
let page: Page;
beforeAll(async () => { [api, browser] = await Promise.all([startConsoleApi(), startChromium()]); });
beforeEach(async () => {
  context = await browser.newContext({ viewport: { width: 1280, height: 900 } });
  watched = await openPage(context);
  page = watched.page;
});
afterEach(async () => {
  await context.close();
  // Scripts that threw, and what the content security policy has refused.
  expect(watched.complaints).toEqual([]);
});
afterAll(async () => {
  await browser.close();
  await api.stop();
});

const create = async (name: string, more: Record<string, unknown> = {}): Promise<string> => (await submissionOf(await api.send('POST', '/clusters', request(name, more)))).job.id;
const open = async (place: string): Promise<void> => {
  await page.goto(`${api.url}/${place}`);
  await page.locator('h1').waitFor();
};

describe('the list of clusters', () => {
  beforeAll(async () => {
    for (let index = 0; index < 27; index += 1) await create(`listed-${String(index).padStart(2, '0')}`, { owner: index < 3 ? 'few' : 'many' });
  });

  it('is paged, there and back', async () => {
    await open('#/clusters?owner=many');
    await page.getByRole('link', { name: 'listed-03' }).waitFor();
    await page.getByRole('row').nth(24).waitFor();
    expect(await page.getByRole('button', { name: 'Next' }).count()).toBe(0);

    await open('#/clusters');
    await page.getByRole('link', { name: 'listed-00' }).waitFor();
    expect(await page.getByRole('row').count()).toBe(26);
    await page.getByRole('button', { name: 'Next' }).click();
    await page.getByText('Page 2').waitFor();
    await page.getByRole('link', { name: 'listed-26' }).waitFor();
    await page.getByRole('button', { name: 'Previous' }).click();
    await page.getByRole('link', { name: 'listed-00' }).waitFor();
  });

  it('is filtered by cloud, state and owner, and the address keeps it', async () => {
    await open('#/clusters');
    await page.getByLabel('Owner').fill('few');
    await page.keyboard.press('Enter');
    await page.getByLabel('State').selectOption('provisioning');
    await expect.poll(() => page.getByRole('rowheader').allTextContents()).toEqual(['listed-00', 'listed-01', 'listed-02']);
    expect(page.url()).toContain('#/clusters?owner=few&state=provisioning');
    await page.reload();
    await expect.poll(() => page.getByRole('rowheader').allTextContents()).toEqual(['listed-00', 'listed-01', 'listed-02']);
    await page.getByLabel('Cloud').selectOption('azure');
    await page.getByText('No cluster matches.').waitFor();
  });
});

describe('a job', () => {
  const phaseOf = (job: JobRecord, name: string, state: 'running' | 'succeeded'): JobRecord => ({ ...job, phase: 'infrastructure', phases: job.phases.map((phase) => phase.name === name ? { ...phase, state, startedAt: job.createdAt, endedAt: state === 'succeeded' ? job.createdAt : null } : phase) });
  const resource = (done: number): JobEventBody => ({ type: 'resource', stack: 'live-infrastructure', resourceType: 'aws:ec2/vpc:Vpc', name: `vpc-${done}`, op: 'create', state: 'succeeded', done, total: 8 });

  it('shows what happens while it happens, and says the phases and the end to a screen reader', async () => {
    const id = await create('live');
    await open(`#/jobs/${id}`);
    await page.getByRole('status').filter({ hasText: 'waits for a worker' }).waitFor({ state: 'attached' });

    const { lease, job, cluster } = await api.claim(id);
    const running = { ...phaseOf(job, 'infrastructure', 'running'), progress: { percent: 30, resources: { done: 4, total: 8 } } };
    await api.store.write(lease, { job: running, events: [{ type: 'phase', phase: 'infrastructure', state: 'running', title: 'Provision the infrastructure' }, resource(3), resource(4)] });
    await page.getByText('create Vpc vpc-4 (4/8)').waitFor();
    await page.getByRole('status').filter({ hasText: 'Provision the infrastructure.' }).waitFor({ state: 'attached' });
    await expect.poll(() => page.getByRole('progressbar', { name: 'Progress of: Provision the infrastructure' }).getAttribute('value')).toBe('50');
    await expect.poll(() => page.getByRole('progressbar', { name: 'Progress of the job' }).getAttribute('value')).toBe('30');

    const error = { code: 'internal-error' as const, title: 'Something failed', detail: 'The vpc was refused.', resource: 'vpc-5', hint: 'Ask for more of them.', retryable: true };
    await api.store.finish(lease, { job: { ...running, state: 'failed', endedAt: new Date().toISOString(), error }, ...(cluster ? { cluster: { ...cluster, state: 'failed' } } : {}) });
    const alert = page.getByRole('alert');
    await alert.waitFor();
    expect(await alert.textContent()).toMatch(/Something failed.*internal-error.*The vpc was refused\..*vpc-5.*Ask for more of them\./);
    await page.getByRole('button', { name: 'Try again' }).dblclick();
    await page.getByRole('status').filter({ hasText: 'waits for a worker' }).waitFor({ state: 'attached' });
    expect(await jobOf(await api.send('GET', `/jobs/${page.url().split('/').at(-1) ?? ''}`))).toMatchObject({ kind: 'create', state: 'queued', retryOf: id });
  });

  it('is cancelled, and by force only in a second step that has to be agreed to', async () => {
    const id = await create('cancelled');
    const { lease } = await api.claim(id);
    await open(`#/jobs/${id}`);
    await page.getByRole('button', { name: 'Cancel…' }).click();
    await page.getByRole('dialog').getByRole('button', { name: 'Cancel the job' }).click();
    await page.getByRole('button', { name: 'Force the end…' }).click();
    expect(await jobOf(await api.send('GET', `/jobs/${id}`))).toMatchObject({ state: 'cancelling', cancellation: { force: false } });

    const force = page.getByRole('dialog').getByRole('button', { name: 'Force the end' });
    await force.click({ force: true });
    expect(await force.getAttribute('aria-disabled')).toBe('true');
    expect(await jobOf(await api.send('GET', `/jobs/${id}`))).toMatchObject({ cancellation: { force: false } });
    await page.getByRole('dialog').getByLabel(/needs a repair/).check();
    await force.click();
    await expect.poll(async () => (await jobOf(await api.send('GET', `/jobs/${id}`))).cancellation).toMatchObject({ force: true });
    await page.getByText('It is killed once the grace period has passed.').waitFor();
    await api.store.release(lease);
  });
});

describe('the form of a new cluster', () => {
  it('tells every fault of a request at its field, and those without one at the JSON', async () => {
    await open('#/create');
    await page.getByLabel('Name', { exact: true }).first().fill('Not A Name');
    await page.getByLabel('At least').fill('9');
    await page.getByLabel('At most').fill('three');
    await page.getByLabel('Object id').fill('nobody');
    await page.getByText('Everything else of the spec').click();
    await page.getByLabel('Spec as JSON').fill('{"colour": "red", "network": {"cidr": "10.20.0.0/30"}}');
    await page.getByRole('button', { name: 'Show the plan' }).click();

    const summary = page.getByRole('alert');
    await summary.waitFor();
    await expect.poll(() => page.evaluate('document.activeElement.getAttribute("role")')).toBe('alert');
    const places = await summary.getByRole('listitem').locator('code').allTextContents();
    expect(places).toEqual(expect.arrayContaining(['/name', '/nodePools/0/maxNodes', '/access/groups/0/id', '/access/entra/tenantId', '/access/entra/clientId', '/colour', '/network/cidr']));
    const faulty = async (label: string) => {
      const field = page.getByLabel(label, { exact: true }).first();
      return [await field.getAttribute('aria-invalid'), await page.locator(`[id="${(await field.getAttribute('aria-describedby') ?? '').split(' ').at(-1) ?? ''}"]`).textContent()];
    };
    expect(await faulty('Name')).toEqual(['true', expect.stringContaining('must match')]);
    expect(await faulty('At most')).toEqual(['true', expect.any(String)]);
    expect(await faulty('Object id')).toEqual(['true', expect.any(String)]);
    expect(await faulty('Spec as JSON, merged over the form')).toEqual(['true', expect.stringMatching(/\/colour.*\/network\/cidr|\/network\/cidr.*\/colour/)]);
    await summary.getByRole('button', { name: '/access/groups/0/id' }).click();
    expect(await page.evaluate('document.activeElement.getAttribute("data-pointer")')).toBe('/access/groups/0/id');

    // What is put right is no fault any more; the JSON is judged before anything is sent.
    await page.getByLabel('Spec as JSON').fill('{"colour": ');
    await page.getByRole('button', { name: 'Show the plan' }).click();
    await page.getByRole('alert').getByText('is not JSON').waitFor();
  });

  it('gives the fields of another template and cloud, and takes pools and groups more', async () => {
    await open('#/create');
    await page.getByRole('radio', { name: /^Development/ }).check();
    await page.getByRole('radio', { name: 'Azure' }).check();
    expect(await page.getByLabel('Region').inputValue()).toBe('westeurope');
    expect(await page.getByLabel('Machine type').inputValue()).toBe('Standard_B2ms');
    await page.getByRole('button', { name: 'Add a pool' }).click();
    await page.getByRole('button', { name: 'Add a group' }).click();
    await page.getByRole('group', { name: 'Group 2' }).getByLabel('Namespaces').fill('payments');
    await page.getByRole('button', { name: 'Remove pool general' }).click();
    expect(await page.getByRole('group', { name: /^Pool/ }).count()).toBe(1);
  });
});

describe('a change of a cluster', () => {
  it('is refused where it was thought out on what is not there any more', async () => {
    await api.finish(await create('changed'));
    await open('#/clusters/changed');
    await page.getByRole('button', { name: 'Scale general' }).click();
    const meanwhile = await submissionOf(await api.send('PATCH', '/clusters/changed', { labels: { changed: 'meanwhile' } }));
    await api.finish(meanwhile.job.id);
    await page.getByRole('dialog').getByLabel('At most').fill('5');
    await page.getByRole('button', { name: 'Show the plan' }).click();
    const alert = page.getByRole('dialog').getByRole('alert');
    await alert.waitFor();
    expect(await alert.textContent()).toContain('If-Match');
    await page.keyboard.press('Escape');
    await page.getByRole('dialog').waitFor({ state: 'detached' });
    await expect.poll(() => page.evaluate('document.activeElement.textContent')).toBe('Scale general');
  });

  it('is a repair of what has failed, once however often it is clicked', async () => {
    await api.finish(await create('broken'), { state: 'failed' });
    await open('#/clusters/broken');
    await page.getByRole('button', { name: 'Repair…' }).click();
    await page.getByRole('dialog').getByRole('button', { name: 'Repair' }).dblclick();
    await page.getByRole('heading', { level: 1, name: 'Repair broken' }).waitFor();
    const { items } = await pageOf(await api.send('GET', '/clusters/broken/jobs'), jobViewSchema);
    expect(items.map(({ kind, state }) => [kind, state])).toEqual([['repair', 'queued'], ['create', 'failed']]);
    await page.getByRole('link', { name: 'The cluster' }).click();
    await page.getByText('is under way (queued).').waitFor();
    expect(await page.getByRole('button', { name: 'Repair…' }).count()).toBe(0);
  });

  it('is told its faults at the fields of the pool', async () => {
    await api.finish(await create('faulty'));
    await open('#/clusters/faulty');
    await page.getByRole('button', { name: 'Scale general' }).click();
    await page.getByRole('dialog').getByLabel('At most').fill('5000');
    await page.keyboard.press('Enter');
    await page.getByRole('dialog').locator('.fault').waitFor();
    expect(await page.getByRole('dialog').getByLabel('At most').getAttribute('aria-invalid')).toBe('true');
    expect(await page.getByRole('dialog').getByLabel('At least').getAttribute('aria-invalid')).toBeNull();
  });
});

describe('every page', () => {
  let job: string;
  beforeAll(async () => {
    job = await create('looked-at', { owner: 'looks', labels: { 'cost-centre': '4711' }, namespaces: [{ name: 'payments' }] });
    await api.finish(job, { events: [{ type: 'message', severity: 'warning', text: 'something to know', resource: null }] });
    const cluster = await api.store.getCluster('looked-at');
    const observedAt = new Date().toISOString();
    await api.store.observe('looked-at', cluster?.uid ?? '', {
      nodes: { controlPlane: 3, workers: 3 },
      conditions: [{ type: 'Reachable', status: 'True', reason: 'ApiServerReady', message: '', observedAt }, { type: 'NodesReady', status: 'False', reason: 'NotReady', message: 'one node is not ready', observedAt }],
      addons: [{ name: 'cilium', version: '1.19.6', state: 'deployed', url: null }, { name: 'grafana', version: '1', state: 'degraded', url: 'https://grafana.example.com' }, { name: 'falco', version: '1', state: 'skipped', reason: 'its chart cannot be reached', url: null }],
    });
  });

  const places: readonly (readonly [string, () => string, string, ((page: Page) => Promise<void>)?])[] = [
    ['the list of clusters', () => '#/clusters', 'Clusters'],
    ['an empty list', () => '#/clusters?owner=nobody', 'Clusters'],
    ['a cluster', () => '#/clusters/looked-at', 'looked-at'],
    ['a cluster to be scaled', () => '#/clusters/looked-at', 'looked-at', (at) => at.getByRole('button', { name: 'Scale general' }).click()],
    ['a cluster to be deleted', () => '#/clusters/looked-at', 'looked-at', (at) => at.getByRole('button', { name: 'Delete…' }).click()],
    ['a cluster to be repaired', () => '#/clusters/looked-at', 'looked-at', (at) => at.getByRole('button', { name: 'Repair…' }).click()],
    ['a cluster that is not there', () => '#/clusters/missing', 'missing'],
    ['the list of jobs', () => '#/jobs', 'Jobs'],
    ['a job', () => `#/jobs/${job}`, 'Create looked-at'],
    ['the form', () => '#/create', 'Create a cluster'],
    ['the form with faults', () => '#/create', 'Create a cluster', async (at) => {
      await at.getByRole('button', { name: 'Show the plan' }).click();
      await at.getByRole('alert').waitFor();
    }],
    ['no page', () => '#/nowhere', 'There is no such page'],
  ];

  for (const scheme of ['light', 'dark'] as const) {
    it(`has no serious fault of accessibility (${scheme}), and fits 360 pixels`, async () => {
      await page.emulateMedia({ colorScheme: scheme });
      for (const [name, place, heading, act] of places) {
        await open('#/nowhere');
        await open(place());
        await page.getByRole('heading', { level: 1, name: heading }).waitFor();
        await expect.poll(() => page.getByText('Reading the').count()).toBe(0);
        await act?.(page);
        expect([name, await accessibilityFaults(page)]).toEqual([name, []]);
        await page.setViewportSize({ width: 360, height: 740 });
        expect([name, await page.evaluate('document.documentElement.scrollWidth')]).toEqual([name, 360]);
        expect([name, await accessibilityFaults(page)]).toEqual([name, []]);
        await page.setViewportSize({ width: 1280, height: 900 });
      }
    });
  }

  it('takes the focus to its heading and names the tab when it is gone to', async () => {
    await open('#/clusters?owner=looks');
    await page.getByRole('link', { name: 'looked-at' }).click();
    await page.getByRole('heading', { level: 1, name: 'looked-at' }).waitFor();
    await expect.poll(() => page.evaluate('document.activeElement.textContent')).toBe('looked-at');
    expect(await page.title()).toBe('looked-at · Clusterwright');
    await page.getByRole('link', { name: 'Jobs' }).click();
    await expect.poll(() => page.evaluate('document.activeElement.textContent')).toBe('Jobs');
  });

  it('moves nothing for who does not want it', async () => {
    await page.emulateMedia({ reducedMotion: 'reduce' });
    await open(`#/jobs/${await create('still')}`);
    await page.getByText('Phases').waitFor();
    expect(await page.evaluate('document.getAnimations().length')).toBe(0);
  });

  it('saves the kubeconfig of a cluster that has an endpoint', async () => {
    await api.finish(await create('reached'), { change: { connection: { endpoint: 'https://api.reached.clusterwright.internal:6443', address: '10.0.0.1', certificateAuthority: '-----BEGIN CERTIFICATE-----\n' } } });
    await open('#/clusters/reached');
    const [download] = await Promise.all([page.waitForEvent('download'), page.getByRole('button', { name: 'Kubeconfig' }).click()]);
    expect(download.suggestedFilename()).toBe('reached.kubeconfig');
    expect(await readFile(await download.path(), 'utf8')).toContain('server: https://api.reached.clusterwright.internal:6443');
  });

  it('shows a cluster\'s topology, health, add-ons and access', async () => {
    await open('#/clusters/looked-at');
    const picture = page.getByRole('img', { name: 'Topology of looked-at' });
    await picture.waitFor();
    expect(await picture.textContent()).toContain('Region eu-west-1 with the zones eu-west-1a, eu-west-1b, eu-west-1c. 3 control planes');
    expect(await picture.locator('.control-plane').count()).toBe(3);
    for (const text of ['one node is not ready', 'its chart cannot be reached', 'the whole cluster', 'cost-centre=4711']) await page.getByText(text).first().waitFor();
    expect(await page.getByRole('link', { name: 'https://grafana.example.com' }).count()).toBe(1);
  });
});

it('says that the service does not answer, keeps what it has, and goes on when it is back', async () => {
  await open('#/jobs');
  await page.getByRole('row').first().waitFor();
  await context.setOffline(true);
  await page.getByText('The service does not answer: what stands here may be old.').waitFor();
  expect(await page.getByRole('row').count()).toBeGreaterThan(1);
  await context.setOffline(false);
  await page.getByText('what stands here may be old').waitFor({ state: 'detached' });
});
