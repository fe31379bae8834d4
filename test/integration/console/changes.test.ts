import { describe, expect, it } from 'vitest';
import { jobViewSchema } from '../../../api/views/job.js';
import type { JobEventBody } from '../../../model/event.js';
import type { JobRecord } from '../../../model/job.js';
import { jobOf, pageOf, submissionOf } from '../api/schemas.js';
import { consolePages } from './console-pages.js';

const pages = consolePages();

describe('a job', () => {
  const phaseOf = (job: JobRecord, name: string, state: 'running' | 'succeeded'): JobRecord => ({ ...job, phase: 'infrastructure', phases: job.phases.map((phase) => phase.name === name ? { ...phase, state, startedAt: job.createdAt, endedAt: state === 'succeeded' ? job.createdAt : null } : phase) });
  const resource = (done: number): JobEventBody => ({ type: 'resource', stack: 'live-infrastructure', resourceType: 'aws:ec2/vpc:Vpc', name: `vpc-${done}`, op: 'create', state: 'succeeded', done, total: 8 });

  it('shows what happens while it happens, and says the phases and the end to a screen reader', async () => {
    const id = await pages.create('live');
    await pages.open(`#/jobs/${id}`);
    await pages.page.getByRole('status').filter({ hasText: 'waits for a worker' }).waitFor({ state: 'attached' });

    const { lease, job, cluster } = await pages.api.claim(id);
    const running = { ...phaseOf(job, 'infrastructure', 'running'), progress: { percent: 30, resources: { done: 4, total: 8 } } };
    await pages.api.store.write(lease, { job: running, events: [{ type: 'phase', phase: 'infrastructure', state: 'running', title: 'Provision the infrastructure' }, resource(3), resource(4)] });
    await pages.page.getByText('create Vpc vpc-4 (4/8)').waitFor();
    await pages.page.getByRole('status').filter({ hasText: 'Provision the infrastructure.' }).waitFor({ state: 'attached' });
    await expect.poll(() => pages.page.getByRole('progressbar', { name: 'Progress of: Provision the infrastructure' }).getAttribute('value')).toBe('50');
    await expect.poll(() => pages.page.getByRole('progressbar', { name: 'Progress of the job' }).getAttribute('value')).toBe('30');

    const error = { code: 'internal-error' as const, title: 'Something failed', detail: 'The vpc was refused.', resource: 'vpc-5', hint: 'Ask for more of them.', retryable: true };
    await pages.api.store.finish(lease, { job: { ...running, state: 'failed', endedAt: new Date().toISOString(), error }, ...(cluster ? { cluster: { ...cluster, state: 'failed' } } : {}) });
    const alert = pages.page.getByRole('alert');
    await alert.waitFor();
    expect(await alert.textContent()).toMatch(/Something failed.*internal-error.*The vpc was refused\..*vpc-5.*Ask for more of them\./);
    await pages.page.getByRole('button', { name: 'Try again' }).dblclick();
    await pages.page.getByRole('status').filter({ hasText: 'waits for a worker' }).waitFor({ state: 'attached' });
    expect(await jobOf(await pages.api.send('GET', `/jobs/${pages.page.url().split('/').at(-1) ?? ''}`))).toMatchObject({ kind: 'create', state: 'queued', retryOf: id });
  });

  it('is cancelled, and by force only in a second step that has to be agreed to', async () => {
    const id = await pages.create('cancelled');
    const { lease } = await pages.api.claim(id);
    await pages.open(`#/jobs/${id}`);
    await pages.page.getByRole('button', { name: 'Cancel…' }).click();
    await pages.page.getByRole('dialog').getByRole('button', { name: 'Cancel the job' }).click();
    await pages.page.getByRole('button', { name: 'Force the end…' }).click();
    expect(await jobOf(await pages.api.send('GET', `/jobs/${id}`))).toMatchObject({ state: 'cancelling', cancellation: { force: false } });

    const force = pages.page.getByRole('dialog').getByRole('button', { name: 'Force the end' });
    await force.click({ force: true });
    expect(await force.getAttribute('aria-disabled')).toBe('true');
    expect(await jobOf(await pages.api.send('GET', `/jobs/${id}`))).toMatchObject({ cancellation: { force: false } });
    await pages.page.getByRole('dialog').getByLabel(/needs a repair/).check();
    await force.click();
    await expect.poll(async () => (await jobOf(await pages.api.send('GET', `/jobs/${id}`))).cancellation).toMatchObject({ force: true });
    await pages.page.getByText('It is killed once the grace period has passed.').waitFor();
    await pages.api.store.release(lease);
  });
});

describe('the form of a new cluster', () => {
  it('tells every fault of a request at its field, and those without one at the JSON', async () => {
    await pages.open('#/create');
    await pages.page.getByLabel('Name', { exact: true }).first().fill('Not A Name');
    await pages.page.getByLabel('At least').fill('9');
    await pages.page.getByLabel('At most').fill('three');
    await pages.page.getByLabel('Object id').fill('nobody');
    await pages.page.getByText('Everything else of the spec').click();
    await pages.page.getByLabel('Spec as JSON').fill('{"colour": "red", "network": {"cidr": "10.20.0.0/30"}}');
    await pages.page.getByRole('button', { name: 'Show the plan' }).click();

    const summary = pages.page.getByRole('alert');
    await summary.waitFor();
    await expect.poll(() => pages.page.evaluate('document.activeElement.getAttribute("role")')).toBe('alert');
    const places = await summary.getByRole('listitem').locator('code').allTextContents();
    expect(places).toEqual(expect.arrayContaining(['/name', '/nodePools/0/maxNodes', '/access/groups/0/id', '/access/entra/tenantId', '/access/entra/clientId', '/colour', '/network/cidr']));
    const faulty = async (label: string) => {
      const field = pages.page.getByLabel(label, { exact: true }).first();
      return [await field.getAttribute('aria-invalid'), await pages.page.locator(`[id="${(await field.getAttribute('aria-describedby') ?? '').split(' ').at(-1) ?? ''}"]`).textContent()];
    };
    expect(await faulty('Name')).toEqual(['true', expect.stringContaining('must match')]);
    expect(await faulty('At most')).toEqual(['true', expect.any(String)]);
    expect(await faulty('Object id')).toEqual(['true', expect.any(String)]);
    expect(await faulty('Spec as JSON, merged over the form')).toEqual(['true', expect.stringMatching(/\/colour.*\/network\/cidr|\/network\/cidr.*\/colour/)]);
    await summary.getByRole('button', { name: '/access/groups/0/id' }).click();
    expect(await pages.page.evaluate('document.activeElement.getAttribute("data-pointer")')).toBe('/access/groups/0/id');

    // What is put right is no fault any more; the JSON is judged before anything is sent.
    await pages.page.getByLabel('Spec as JSON').fill('{"colour": ');
    await pages.page.getByRole('button', { name: 'Show the plan' }).click();
    await pages.page.getByRole('alert').getByText('is not JSON').waitFor();
  });

  it('gives the fields of another template and cloud, and takes pools and groups more', async () => {
    await pages.open('#/create');
    await pages.page.getByRole('radio', { name: /^Development/ }).check();
    await pages.page.getByRole('radio', { name: 'Azure' }).check();
    expect(await pages.page.getByLabel('Region').inputValue()).toBe('westeurope');
    expect(await pages.page.getByLabel('Machine type').inputValue()).toBe('Standard_B2ms');
    await pages.page.getByRole('button', { name: 'Add a pool' }).click();
    await pages.page.getByRole('button', { name: 'Add a group' }).click();
    await pages.page.getByRole('group', { name: 'Group 2' }).getByLabel('Namespaces').fill('payments');
    await pages.page.getByRole('button', { name: 'Remove pool general' }).click();
    expect(await pages.page.getByRole('group', { name: /^Pool/ }).count()).toBe(1);
  });
});

describe('a change of a cluster', () => {
  it('is refused where it was thought out on what is not there any more', async () => {
    await pages.api.finish(await pages.create('changed'));
    await pages.open('#/clusters/changed');
    await pages.page.getByRole('button', { name: 'Scale general' }).click();
    const meanwhile = await submissionOf(await pages.api.send('PATCH', '/clusters/changed', { labels: { changed: 'meanwhile' } }));
    await pages.api.finish(meanwhile.job.id);
    await pages.page.getByRole('dialog').getByLabel('At most').fill('5');
    await pages.page.getByRole('button', { name: 'Show the plan' }).click();
    const alert = pages.page.getByRole('dialog').getByRole('alert');
    await alert.waitFor();
    expect(await alert.textContent()).toContain('If-Match');
    await pages.page.keyboard.press('Escape');
    await pages.page.getByRole('dialog').waitFor({ state: 'detached' });
    await expect.poll(() => pages.page.evaluate('document.activeElement.textContent')).toBe('Scale general');
  });

  it('is a repair of what has failed, once however often it is clicked', async () => {
    await pages.api.finish(await pages.create('broken'), { state: 'failed' });
    await pages.open('#/clusters/broken');
    await pages.page.getByRole('button', { name: 'Repair…' }).click();
    await pages.page.getByRole('dialog').getByRole('button', { name: 'Repair' }).dblclick();
    await pages.page.getByRole('heading', { level: 1, name: 'Repair broken' }).waitFor();
    const { items } = await pageOf(await pages.api.send('GET', '/clusters/broken/jobs'), jobViewSchema);
    expect(items.map(({ kind, state }) => [kind, state])).toEqual([['repair', 'queued'], ['create', 'failed']]);
    await pages.page.getByRole('link', { name: 'The cluster' }).click();
    await pages.page.getByText('is under way (queued).').waitFor();
    expect(await pages.page.getByRole('button', { name: 'Repair…' }).count()).toBe(0);
  });

  it('is told its faults at the fields of the pool', async () => {
    await pages.api.finish(await pages.create('faulty'));
    await pages.open('#/clusters/faulty');
    await pages.page.getByRole('button', { name: 'Scale general' }).click();
    await pages.page.getByRole('dialog').getByLabel('At most').fill('5000');
    await pages.page.keyboard.press('Enter');
    await pages.page.getByRole('dialog').locator('.fault').waitFor();
    expect(await pages.page.getByRole('dialog').getByLabel('At most').getAttribute('aria-invalid')).toBe('true');
    expect(await pages.page.getByRole('dialog').getByLabel('At least').getAttribute('aria-invalid')).toBeNull();
  });
});
