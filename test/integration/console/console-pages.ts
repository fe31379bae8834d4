import type { Browser, BrowserContext, Page } from 'playwright-core';
import { afterAll, afterEach, beforeAll, beforeEach, expect } from 'vitest';
import { openPage, startChromium, type WatchedPage } from '../../support/chromium.js';
import { request, type RunningApi } from '../api/harness.js';
import { submissionOf } from '../api/schemas.js';
import { startConsoleApi } from './console-api.js';

/** A service with its console for a file of tests, and for each of them a browser of its own. */
export interface ConsolePages {
  readonly api: RunningApi;
  /** Of the running test. */
  readonly context: BrowserContext;
  readonly page: Page;
  /** Asks for a cluster and gives the id of its job. */
  create(name: string, more?: Record<string, unknown>): Promise<string>;
  /** Goes to a place of the console, as `#/clusters`, and waits for its heading. */
  open(place: string): Promise<void>;
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
  return {
    get api() { return api; },
    get context() { return context; },
    get page() { return watched.page; },
    create: async (name, more = {}) => (await submissionOf(await api.send('POST', '/clusters', request(name, more)))).job.id,
    open: async (place) => {
      await watched.page.goto(`${api.url}/${place}`);
      await watched.page.locator('h1').waitFor();
    },
  };
}
