/** A browser, which only the tests need: they use /docs and the console as people do. */
import { onPath } from './command.mjs';
import { SetupError } from './error.mjs';
import { shown } from './paths.mjs';
import { installPackage } from './system-package.mjs';

/** Names that Chromium and its kin have on PATH. */
export const browserNames = ['chromium', 'chromium-browser', 'google-chrome', 'google-chrome-stable'];

/** @type {import('./system-package.mjs').Manager[]} */
const managers = [
  { command: 'apt-get', needsRoot: true, install: ['install', '-y', '--no-install-recommends', 'chromium'], refresh: ['update'] },
  { command: 'dnf', needsRoot: true, install: ['install', '-y', 'chromium'] },
  { command: 'apk', needsRoot: true, install: ['add', '--no-cache', 'chromium'] },
];

/** The browser on PATH, if there is one. */
export function findBrowser() {
  return browserNames.map((name) => onPath(name)).find((file) => file !== undefined);
}

/**
 * Without a browser some tests fail and say so; all others can still run, so this is no reason to stop.
 * @param {import('./progress.mjs').Step} step
 */
export async function ensureBrowser(step) {
  const present = findBrowser();
  if (present !== undefined) return step.done(shown(present), false);
  try {
    await installPackage(step, { title: 'Chromium', wanted: 'Chromium', reason: 'no Chromium is on PATH, which tests of /docs and the console need', managers });
  } catch (error) {
    if (!(error instanceof SetupError)) throw error;
    return step.done(error.message);
  }
  const installed = findBrowser();
  step.done(installed === undefined ? 'still no Chromium on PATH' : `installed (${shown(installed)})`);
}
