import type { Browser, BrowserContext, Locator, Page } from 'playwright-core';
import { afterAll, afterEach, beforeAll, beforeEach, expect } from 'vitest';
import type { ClusterRecord } from '../../../model/cluster.js';
import type { JobRecord } from '../../../model/job.js';
import { openPage, startChromium, type WatchedPage } from '../../support/chromium.js';
import { connection, request, type RunningApi } from '../api/harness.js';
import { submissionOf } from '../api/schemas.js';
import { startConsoleApi } from './console-api.js';

/** How long a page may take to show what it was told, on a machine that has other things to do. */
export const patience = { timeout: 30_000 };

/** A service with its console for a file of tests, and for each of them a browser of its own. */
export interface ConsolePages {
  readonly api: RunningApi;
  /** Of the running test. */
  readonly context: BrowserContext;
  readonly page: Page;
  /** Asks for a cluster and gives the id of its job. */
  create(name: string, more?: Record<string, unknown>): Promise<string>;
  /** A cluster with a control plane, as a worker has left it; answers its uid. */
  made(name: string, more?: Record<string, unknown>, change?: Partial<ClusterRecord>): Promise<string>;
  /** Goes to a place of the console, as `#/clusters`, and waits for its heading. */
  open(place: string): Promise<void>;
  /** The button of exactly this name. */
  button(name: string): Locator;
  /** Whether it is there to be pressed. */
  isOffered(name: string): Promise<boolean>;
  dialog(): Locator;
  /** Waits for the page of a job that was asked for, and answers its record. */
  jobShown(heading: string): Promise<JobRecord>;
  /** Ends the one dry run of a cluster that was asked for. */
  endPreview(cluster: string): Promise<void>;
}

/** Starts both before the tests of a file, and ends them after; a test fails of whose page a script threw or the content security policy refused something. */
export function consolePages(): ConsolePages {
  let api: RunningApi;
  let browser: Browser;
  let context: BrowserContext;
  let watched: WatchedPage;
  beforeAll(async () => { [api, browser] = await Promise.all([startConsoleApi(), startChromium()]); });
  beforeEach(async () => {
    context = await browser.newContext({ viewport: { width: 1280, height: 900 } });
    watched = await openPage(context);
  });
  afterEach(async () => {
    await context.close();
    expect(watched.complaints).toEqual([]);
  });
  afterAll(async () => {
    await browser.close();
    await api.stop();
  });
  const create: ConsolePages['create'] = async (name, more = {}) => (await submissionOf(await api.send('POST', '/clusters', request(name, more)))).job.id;
  const button: ConsolePages['button'] = (name) => watched.page.getByRole('button', { name, exact: true });
  const previews = async (cluster: string) => (await api.store.listJobs({ cluster, kind: 'preview' }, { limit: 10 })).items;
  return {
    get api() { return api; },
    get context() { return context; },
    get page() { return watched.page; },
    create,
    made: async (name, more, change) => {
      await api.finish(await create(name, more), { change: { connection, ...change } });
      return (await api.store.getCluster(name))?.uid ?? '';
    },
    open: async (place) => {
      await watched.page.goto(`${api.url}/${place}`);
      await watched.page.locator('h1').waitFor();
    },
    button,
    isOffered: async (name) => await button(name).isEnabled() && await button(name).getAttribute('aria-disabled') !== 'true',
    dialog: () => watched.page.getByRole('dialog'),
    jobShown: async (heading) => {
      await watched.page.getByRole('heading', { level: 1, name: heading }).waitFor();
      const job = await api.store.getJob(watched.page.url().split('/').at(-1) ?? '');
      if (job === undefined) throw new Error(`${watched.page.url()} is no job`);
      return job;
    },
    endPreview: async (cluster) => {
      await expect.poll(async () => (await previews(cluster)).length, patience).toBe(1);
      for (const { id } of await previews(cluster)) await api.finish(id);
    },
  };
}
