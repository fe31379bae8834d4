import { readFile } from 'node:fs/promises';
import type { Page } from 'playwright-core';
import { beforeAll, describe, expect, it } from 'vitest';
import { driftFinding } from '../../../model/drift.js';
import { accessibilityFaults } from '../../support/accessibility.js';
import { connection } from '../api/harness.js';
import { consolePages, patience } from './console-pages.js';

const pages = consolePages();

describe('the list of clusters', () => {
  beforeAll(async () => {
    for (let index = 0; index < 27; index += 1) await pages.create(`listed-${String(index).padStart(2, '0')}`, { owner: index < 3 ? 'few' : 'many' });
  });

  it('is paged, there and back', async () => {
    await pages.open('#/clusters?owner=many');
    await pages.page.getByRole('link', { name: 'listed-03' }).waitFor();
    await pages.page.getByRole('row').nth(24).waitFor();
    expect(await pages.page.getByRole('button', { name: 'Next' }).count()).toBe(0);

    await pages.open('#/clusters');
    await pages.page.getByRole('link', { name: 'listed-00' }).waitFor();
    expect(await pages.page.getByRole('row').count()).toBe(26);
    await pages.page.getByRole('button', { name: 'Next' }).click();
    await pages.page.getByText('Page 2').waitFor();
    await pages.page.getByRole('link', { name: 'listed-26' }).waitFor();
    await pages.page.getByRole('button', { name: 'Previous' }).click();
    await pages.page.getByRole('link', { name: 'listed-00' }).waitFor();
  });

  it('is filtered by cloud, state and owner, and the address keeps it', async () => {
    await pages.open('#/clusters');
    await pages.page.getByLabel('Owner').fill('few');
    await pages.page.keyboard.press('Enter');
    await pages.page.getByLabel('State').selectOption('provisioning');
    await expect.poll(() => pages.page.getByRole('rowheader').allTextContents()).toEqual(['listed-00', 'listed-01', 'listed-02']);
    expect(pages.page.url()).toContain('#/clusters?owner=few&state=provisioning');
    await pages.page.reload();
    await expect.poll(() => pages.page.getByRole('rowheader').allTextContents()).toEqual(['listed-00', 'listed-01', 'listed-02']);
    await pages.page.getByLabel('Cloud').selectOption('azure');
    await pages.page.getByText('No cluster matches.').waitFor();
  });
});

describe('every page', () => {
  let job: string;
  beforeAll(async () => {
    job = await pages.create('looked-at', { owner: 'looks', labels: { 'cost-centre': '4711' }, namespaces: [{ name: 'payments' }] });
    await pages.api.finish(job, { events: [{ type: 'message', severity: 'warning', text: 'something to know', resource: null }], change: { connection } });
    const cluster = await pages.api.store.getCluster('looked-at');
    const observedAt = new Date().toISOString();
    const uid = cluster?.uid ?? '';
    await pages.api.store.report('looked-at', uid, { kind: 'upgrade-readiness', at: observedAt, kubernetesVersion: '1.36', checks: [{ check: 'webhooks', state: 'stop', detail: 'Nobody answers.', hint: 'Bring it back.' }] });
    await pages.api.store.report('looked-at', uid, {
      kind: 'drift', at: observedAt, findings: [driftFinding({ layer: 'nodes', resource: 'ip-10-20-0-16.eu-west-1.compute.internal', property: '/etc/kubernetes/manifests/kube-apiserver.yaml', expected: 'SHA-256 5f2c', seen: 'SHA-256 91ab', repair: 'A repair puts the file back.' })],
      unchecked: [{ layer: 'nodes', resource: 'ip-10-20-0-17.eu-west-1.compute.internal', reason: 'it does not answer' }],
    });
    await pages.api.store.observe('looked-at', uid, {
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
    ['a cluster\'s upkeep', () => '#/clusters/looked-at/upkeep', 'looked-at'],
    ['a cluster to be upgraded', () => '#/clusters/looked-at/upkeep', 'looked-at', (at) => at.getByRole('button', { name: 'Upgrade…' }).click()],
    ['a finding to be left aside', () => '#/clusters/looked-at/upkeep', 'looked-at', (at) => at.getByRole('button', { name: /^Leave aside/ }).click()],
    ['access to be given for a time', () => '#/clusters/looked-at', 'looked-at', (at) => at.getByRole('button', { name: 'Give access for a time…' }).click()],
    ['what ends', () => '#/expiries?within=', 'Expiries'],
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

  it('shows a cluster\'s topology, health, add-ons and access', async () => {
    await pages.open('#/clusters/looked-at');
    const picture = pages.page.getByRole('img', { name: 'Topology of looked-at' });
    await picture.waitFor();
    expect(await picture.textContent()).toContain('Region eu-west-1 with the zones eu-west-1a, eu-west-1b, eu-west-1c. 3 control planes');
    expect(await picture.locator('.control-plane').count()).toBe(3);
    for (const text of ['one node is not ready', 'its chart cannot be reached', 'the whole cluster', 'cost-centre=4711']) await pages.page.getByText(text).first().waitFor();
    expect(await pages.page.getByRole('link', { name: 'https://grafana.example.com' }).count()).toBe(1);
  });

  for (const scheme of ['light', 'dark'] as const) {
    it(`has no serious fault of accessibility (${scheme}), and fits 360 pixels`, async () => {
      await pages.page.emulateMedia({ colorScheme: scheme });
      for (const [name, place, heading, act] of places) {
        await pages.open('#/nowhere');
        await pages.open(place());
        await pages.page.getByRole('heading', { level: 1, name: heading }).waitFor();
        await expect.poll(() => pages.page.getByText('Reading the').count(), patience).toBe(0);
        await act?.(pages.page);
        expect([name, await accessibilityFaults(pages.page)]).toEqual([name, []]);
        await pages.page.setViewportSize({ width: 360, height: 740 });
        expect([name, await pages.page.evaluate('document.documentElement.scrollWidth')]).toEqual([name, 360]);
        expect([name, await accessibilityFaults(pages.page)]).toEqual([name, []]);
        await pages.page.setViewportSize({ width: 1280, height: 900 });
      }
    });
  }

  it('takes the focus to its heading and names the tab when it is gone to', async () => {
    await pages.open('#/clusters?owner=looks');
    await pages.page.getByRole('link', { name: 'looked-at' }).click();
    await pages.page.getByRole('heading', { level: 1, name: 'looked-at' }).waitFor();
    await expect.poll(() => pages.page.evaluate('document.activeElement.textContent')).toBe('looked-at');
    expect(await pages.page.title()).toBe('looked-at · Clusterwright');
    await pages.page.getByRole('link', { name: 'Jobs' }).click();
    await expect.poll(() => pages.page.evaluate('document.activeElement.textContent')).toBe('Jobs');
  });

  it('moves nothing for who does not want it', async () => {
    await pages.page.emulateMedia({ reducedMotion: 'reduce' });
    await pages.open(`#/jobs/${await pages.create('still')}`);
    await pages.page.getByText('Phases').waitFor();
    expect(await pages.page.evaluate('document.getAnimations().length')).toBe(0);
  });

  it('saves the kubeconfig of a cluster that has an endpoint', async () => {
    await pages.api.finish(await pages.create('reached'), { change: { connection: { endpoint: 'https://api.reached.clusterwright.internal:6443', address: '10.0.0.1', certificateAuthority: '-----BEGIN CERTIFICATE-----\n' } } });
    await pages.open('#/clusters/reached');
    const [download] = await Promise.all([pages.page.waitForEvent('download'), pages.page.getByRole('button', { name: 'Kubeconfig' }).click()]);
    expect(download.suggestedFilename()).toBe('reached.kubeconfig');
    expect(await readFile(await download.path(), 'utf8')).toContain('server: https://api.reached.clusterwright.internal:6443');
  });
});

it('says that the service does not answer, keeps what it has, and goes on when it is back', async () => {
  await pages.open('#/jobs');
  await pages.page.getByRole('row').first().waitFor();
  await pages.context.setOffline(true);
  await pages.page.getByText('The service does not answer: what stands here may be old.').waitFor();
  expect(await pages.page.getByRole('row').count()).toBeGreaterThan(1);
  await pages.context.setOffline(false);
  await pages.page.getByText('what stands here may be old').waitFor({ state: 'detached' });
});
