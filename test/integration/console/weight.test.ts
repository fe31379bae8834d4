import type { Browser } from 'playwright-core';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { startChromium } from '../../support/chromium.js';
import type { RunningApi } from '../api/harness.js';
import { startConsoleApi } from './console-api.js';

/** What the console may weigh until it is shown, with all its headers, in bytes; and when something must be painted, in milliseconds. */
const mostBytes = 150 * 1024;
const latestPaintMs = 1000;

let api: RunningApi;
let browser: Browser;
beforeAll(async () => { [api, browser] = await Promise.all([startConsoleApi(), startChromium()]); });
afterAll(async () => {
  await browser.close();
  await api.stop();
});

it('is light, and is painted at once', async () => {
  const context = await browser.newContext();
  const page = await context.newPage();
  let bytes = 0;
  let files = 0;
  const network = await context.newCDPSession(page);
  await network.send('Network.enable');
  network.on('Network.loadingFinished', ({ encodedDataLength }) => {
    bytes += encodedDataLength;
    files += 1;
  });
  await page.goto(`${api.url}/`);
  await page.getByText('There is no cluster yet.').waitFor();
  const paint = Number(await page.evaluate('performance.getEntriesByName("first-contentful-paint")[0].startTime'));
  const moreBytes = bytes;

  console.log(`console: ${(moreBytes / 1024).toFixed(1)} KiB in ${files} answers, first paint after ${Math.round(paint)} ms`);
  expect(files).toBeGreaterThanOrEqual(5);
  expect(moreBytes).toBeLessThan(mostBytes);
  expect(paint).toBeLessThan(latestPaintMs);

  // The second time the scripts come out of the browser's own store.
  bytes = 0;
  await page.goto('about:blank');
  await page.goto(`${api.url}/`);
  await page.getByText('There is no cluster yet.').waitFor();
  expect(bytes).toBeLessThan(moreBytes / 4);
  await context.close();
});

it('is served compressed, kept for ever by its name, and never beyond its folder', async () => {
  const page = await fetch(`${api.url}/`, { headers: { 'accept-encoding': 'identity' } });
  const html = await page.text();
  expect(page.headers.get('content-security-policy')).not.toMatch(/unsafe|https?:|\*/);
  expect(html).not.toMatch(/https?:\/\/|<style|style=|\son\w+=/);
  expect(page.headers.get('cache-control')).toBe('no-cache');
  expect((await fetch(`${api.url}/`, { headers: { 'accept-encoding': 'identity', 'if-none-match': page.headers.get('etag') ?? '' } })).status).toBe(304);

  const named = [...html.matchAll(/"(\/console\/[^"]+)"/g)].map(([, file]) => file ?? '');
  expect(named).toHaveLength(3);
  for (const file of named) {
    const plain = await fetch(api.url + file, { headers: { 'accept-encoding': 'identity' } });
    expect([file, plain.status, plain.headers.get('content-encoding'), plain.headers.get('cache-control'), plain.headers.get('vary')]).toEqual([file, 200, null, 'public, max-age=31536000, immutable', 'Accept-Encoding']);
    const text = await plain.text();
    expect(text).not.toMatch(/sourceMappingURL|@import|url\(["']?https?:/);
    for (const encoding of ['br', 'gzip']) {
      const packed = await fetch(api.url + file, { headers: { 'accept-encoding': encoding } });
      expect(packed.headers.get('content-encoding')).toBe(encoding);
      expect(await packed.text()).toBe(text);
    }
  }
  for (const beyond of ['/console/', '/console/index.html', '/console/..%2F..%2Fpackage.json', '/console/main-AAAAAAAA.js', '/console/main-AAAAAAAA.js.gz']) expect([beyond, (await fetch(api.url + beyond)).status]).toEqual([beyond, 404]);
});
