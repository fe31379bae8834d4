import { execFile } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { promisify } from 'node:util';
import { browserNames, findBrowser } from '../../tools/setup/browser.mjs';

/** How long a page may take to load and to run its scripts, in milliseconds of its own clock and of ours. */
const pageMs = 10_000;
const limitMs = 120_000;

/** A page as a browser shows it. */
export interface BrowsedPage {
  /** The document after its scripts have run, as HTML. */
  readonly document: string;
  /** What the page's scripts and the browser itself wrote to the console: errors, and what a policy has refused. */
  readonly console: readonly string[];
}

/** Opens a page in a real browser and waits until its scripts have run. Throws with what to install where there is no browser. */
export async function browse(url: string): Promise<BrowsedPage> {
  const browser = findBrowser();
  if (browser === undefined) throw new Error(`No browser is on PATH (${browserNames.join(', ')}): install Chromium, for instance with "apt-get install chromium", and run the tests again.`);
  const profile = await mkdtemp(path.join(tmpdir(), 'clusterwright-browser-'));
  try {
    const { stdout, stderr } = await promisify(execFile)(browser, [
      '--headless', '--disable-gpu', '--disable-dev-shm-usage', '--no-first-run', `--user-data-dir=${profile}`, '--enable-logging=stderr',
      // Its sandbox refuses to run as root, as tests in containers do; the page is our own.
      '--no-sandbox', `--virtual-time-budget=${pageMs}`, '--dump-dom', url,
    ], { timeout: limitMs, maxBuffer: 64 * 2 ** 20 });
    return { document: stdout, console: stderr.split('\n').filter((line) => line.includes(':CONSOLE')) };
  } finally {
    await rm(profile, { recursive: true, force: true, maxRetries: 5 });
  }
}
