import { chromium, type Browser, type BrowserContext, type Page } from 'playwright-core';
import { browserNames, findBrowser } from '../../tools/setup/browser.mjs';

/** What a page has complained about: errors of scripts, and what the browser or a policy refused. */
export interface WatchedPage {
  readonly page: Page;
  readonly complaints: string[];
}

/** Starts the browser that is on PATH, for tests that use a page as people do. Throws with what to install where there is none. */
export async function startChromium(): Promise<Browser> {
  const executablePath = findBrowser();
  if (executablePath === undefined) throw new Error(`No browser is on PATH (${browserNames.join(', ')}): install Chromium, for instance with "apt-get install chromium", and run the tests again.`);
  // Its sandbox refuses to run as root, as tests in containers do; the pages are our own.
  return chromium.launch({ executablePath, args: ['--no-sandbox', '--disable-dev-shm-usage'] });
}

/** A page that keeps what it complains about. */
export async function openPage(context: BrowserContext): Promise<WatchedPage> {
  const page = await context.newPage();
  const complaints: string[] = [];
  page.on('pageerror', (error) => complaints.push(error.message));
  // Answers that refuse something are no complaint: the page shows them.
  page.on('console', (message) => {
    if (['error', 'warning'].includes(message.type()) && !message.text().startsWith('Failed to load resource')) complaints.push(message.text());
  });
  return { page, complaints };
}
