import path from 'node:path';
import type { Browser, Page } from 'playwright-core';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { z } from 'zod';
import { packageRoot } from '../../../worker/package-root.js';
import { accessibilityFaults } from '../../support/accessibility.js';
import { openPage, startChromium, type WatchedPage } from '../../support/chromium.js';
import { useService } from '../../support/use-service.js';
import { Keyboard } from './keyboard.js';

/** Whether the pictures of the docs are made anew, of a production cluster. */
const pictured = process.env['UPDATE_PICTURES'] !== undefined;
const jobMs = 550_000;
const id = (digit: number): string => `${String(digit).repeat(8)}-${String(digit).repeat(4)}-4${String(digit).repeat(3)}-8${String(digit).repeat(3)}-${String(digit).repeat(12)}`;
const jobsSchema = z.object({ items: z.array(z.looseObject({ kind: z.string(), state: z.string() })) });

describe('a cluster in the console, from its form to its receipt', () => {
  const { service, portal } = useService();
  let browser: Browser;
  let watched: WatchedPage;
  let page: Page;
  beforeAll(async () => {
    browser = await startChromium();
    watched = await openPage(await browser.newContext({ viewport: { width: 1280, height: 900 } }));
    page = watched.page;
    page.setDefaultTimeout(120_000);
  });
  afterAll(() => browser.close());
  // Scripts that threw, and what the content security policy has refused.
  afterEach(() => expect(watched.complaints).toEqual([]));

  const jobsOf = async (kind: string) => jobsSchema.parse(await (await portal.send('GET', '/clusters/payments/jobs')).json()).items.filter((job) => job.kind === kind);
  const count = async (text: string): Promise<number> => Number(await page.locator('.count', { hasText: text }).last().locator('dd').textContent());
  const succeeded = () => page.getByRole('status').filter({ hasText: 'The job has succeeded.' }).waitFor({ state: 'attached', timeout: jobMs });

  it('is created by keyboard alone, after its plan was seen, and once however often it is asked for', async () => {
    await page.goto(service.url);
    await page.getByText('There is no cluster yet.').waitFor();
    const keyboard = new Keyboard(page);
    await keyboard.press(/^a Create a cluster$/, 'Enter');
    await page.getByRole('radio', { name: /^Production/ }).waitFor();
    await keyboard.to(/^radio Production/);
    if (!pictured) for (let press = 0; press < 2; press += 1) await page.keyboard.press('ArrowUp');
    await keyboard.to(/^radio AWS/);
    await keyboard.fill(/^text Name$/, 'payments');
    await keyboard.fill(/^text Owner$/, 'payments');
    await keyboard.fill(/^text Tenant id$/, id(1));
    await keyboard.fill(/^text Application/, id(2));
    await keyboard.fill(/^text Object id$/, id(3));
    await keyboard.press(/^submit Show the plan$/, 'Enter', 2);
    await page.getByRole('heading', { name: 'Plan' }).waitFor({ timeout: jobMs });

    expect(await jobsOf('preview')).toHaveLength(1);
    expect(await count('to create')).toBeGreaterThan(50);
    expect(await count('to delete')).toBe(0);
    expect(await page.locator('.cost').textContent()).toMatch(/≈ \$[\d,.]+ a month.*List prices of \d{4}-\d{2}-\d{2}/);
    expect((await portal.send('GET', '/clusters/payments')).status).toBe(404);
    expect(await accessibilityFaults(page)).toEqual([]);

    await keyboard.press(/^button Create payments$/, 'Enter', 3);
    await page.getByRole('heading', { level: 1, name: 'Create payments' }).waitFor();
    await expect.poll(async () => (await jobsOf('create')).length).toBe(1);
    if (pictured) await picture('job', () => expect.poll(async () => Number(await page.getByRole('progressbar', { name: 'Progress of the job' }).getAttribute('value')), { timeout: jobMs }).toBeGreaterThan(25));
    await succeeded();
    expect(await page.getByRole('progressbar', { name: 'Progress of the job' }).getAttribute('value')).toBe('100');
    expect(await jobsOf('create')).toHaveLength(1);
    expect(await portal.cluster('payments')).toMatchObject({ state: 'ready', spec: { owner: 'payments', access: { groups: [{ id: id(3), role: 'admin' }] } } });
  });

  it('is scaled by its plan, once however often it is clicked', async () => {
    await page.goto(`${service.url}/#/clusters/payments`);
    await page.getByRole('img', { name: 'Topology of payments' }).waitFor();
    if (pictured) await picture('cluster', () => page.getByText('ApiServerReady').waitFor({ timeout: jobMs }));
    await page.getByRole('button', { name: 'Scale general' }).click();
    const dialog = page.getByRole('dialog');
    await dialog.getByLabel('At most').fill('4');
    await dialog.getByRole('button', { name: 'Show the plan' }).dblclick();
    await dialog.getByRole('heading', { name: 'Plan' }).waitFor({ timeout: jobMs });
    expect([await count('to create'), await count('to change'), await count('to replace'), await count('to delete')]).toEqual([0, 1, 0, 0]);
    expect(await jobsOf('preview')).toHaveLength(2);
    expect(await portal.cluster('payments')).toMatchObject({ state: 'ready' });

    await dialog.getByRole('button', { name: 'Apply the change' }).dblclick();
    await page.getByRole('heading', { level: 1, name: 'Change payments' }).waitFor();
    await succeeded();
    expect(await jobsOf('update')).toHaveLength(1);
    expect(await portal.cluster('payments')).toMatchObject({ spec: { nodePools: [{ name: 'general', maxNodes: 4 }] } });
  });

  it('is deleted when its name was typed, and leaves its receipt', async () => {
    await page.goto(`${service.url}/#/clusters/payments`);
    await page.getByRole('button', { name: 'Delete…' }).click();
    const dialog = page.getByRole('dialog');
    const deletion = dialog.getByRole('button', { name: 'Delete the cluster' });
    await dialog.getByRole('radio', { name: /^Nothing/ }).check();
    await dialog.getByLabel('Type payments to confirm').fill('payment');
    await page.keyboard.press('Enter');
    expect(await deletion.getAttribute('aria-disabled')).toBe('true');
    expect(await portal.cluster('payments')).toMatchObject({ state: 'ready' });

    await dialog.getByLabel('Type payments to confirm').fill('payments');
    await deletion.dblclick();
    await page.getByRole('heading', { level: 1, name: 'Delete payments' }).waitFor();
    await succeeded();
    await page.getByText('Nothing is left').waitFor();
    expect(await jobsOf('delete')).toHaveLength(1);
    expect(await accessibilityFaults(page)).toEqual([]);

    await page.getByRole('link', { name: 'The cluster' }).click();
    await page.getByText('There is no cluster of this name any more.').waitFor();
    await page.getByRole('heading', { name: 'Receipts of deletions' }).waitFor();
    expect((await portal.send('GET', '/clusters/payments')).status).toBe(404);
  });

  async function picture(name: string, ready: () => PromiseLike<unknown>): Promise<void> {
    await ready();
    await page.evaluate('scrollTo(0, 0)');
    await page.screenshot({ path: path.join(packageRoot(), `docs/pictures/console-${name}.png`) });
  }
});
