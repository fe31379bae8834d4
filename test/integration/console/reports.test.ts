import { describe, expect, it } from 'vitest';
import { driftFinding, type DriftReport } from '../../../model/drift.js';
import type { DrillReport } from '../../../model/drill.js';
import { consolePages, patience } from './console-pages.js';

const pages = consolePages();

describe('restore drills', () => {
  it('are listed with what they came to against their targets, and tried at once', async () => {
    const uid = await pages.made('drilled');
    await pages.open('#/clusters/drilled/upkeep');
    await pages.page.getByText('None was tried yet.').waitFor();
    await pages.page.getByText('It may be 1 h 10 min old (RPO), and be back after 30 min 0 s (RTO).').waitFor();
    await pages.button('Try a restore now').dblclick();
    const claim = await pages.api.claim((await pages.jobShown('Try a restore drilled')).id);
    const report: DrillReport = {
      kind: 'drill', of: 'etcd', cluster: null, comparison: null, at: '2026-11-29T10:30:00.000Z', backup: { id: 'etcd/2026-11-29T10-03-11Z', at: '2026-11-29T10:03:11Z' }, node: 'cp-3', rpoSeconds: 1609, rtoSeconds: 24, targets: { rpoSeconds: 4200, rtoSeconds: 1800 },
      finding: { seconds: { restore: 1, etcd: 1, apiServer: 1, checks: 1 }, objects: { expected: 437, found: 436 }, secrets: { expected: 31, found: 31, refusal: null }, canary: 'whole' }, faults: ['436 objects were found, and there were 437 when it was made.'],
    };
    await pages.api.store.report('drilled', uid, report);
    await pages.api.end({ ...claim, job: { ...claim.job, report } }, { state: 'failed', change: { state: 'ready' } });
    await pages.page.getByText('26 min 49 s of 1 h 10 min').waitFor();
    await pages.page.getByText('436 of 437').waitFor();

    await pages.open('#/clusters/drilled/upkeep');
    await expect.poll(() => pages.page.getByRole('table', { name: 'Restore drills' }).getByRole('row').last().getByRole('cell').allTextContents(), patience)
      .toEqual(['etcd', 'failed 436 objects were found, and there were 437 when it was made.', 'etcd/2026-11-29T10-03-11Z', '26 min 49 s', '24 s']);
    expect((await pages.api.store.listJobs({ cluster: 'drilled', kind: 'drill' }, { limit: 10 })).items).toHaveLength(1);
  });
});

describe('drift', () => {
  const finding = (resource: string) => driftFinding({ layer: 'cloud', resource, property: null, expected: 'no such rule', seen: 'tcp 22 in', repair: 'A repair removes the rule.' });
  const report: DriftReport = { kind: 'drift', at: new Date().toISOString(), findings: [finding('sgr-1'), finding('sgr-2')], unchecked: [{ layer: 'nodes', resource: 'cp-1', reason: 'it does not answer' }] };

  it('is compared when somebody asks, and its report stands with the job', async () => {
    const uid = await pages.made('compared');
    await pages.open('#/clusters/compared/upkeep');
    await pages.button('Compare now').click();
    const claim = await pages.api.claim((await pages.jobShown('Check for drift compared')).id);
    await pages.api.store.report('compared', uid, report);
    await pages.api.end({ ...claim, job: { ...claim.job, report } });
    await expect.poll(() => pages.page.getByRole('table', { name: 'Drift', exact: true }).getByRole('row').nth(1).textContent(), patience).toBe('sgr-1 cloudno such ruletcp 22 inA repair removes the rule.');
    await pages.page.getByText('it does not answer').waitFor();
  });

  it('is left aside for a reason until a time, counts no more, and is noticed again; a repair puts the rest right', async () => {
    const uid = await pages.made('drifted');
    await pages.api.store.report('drifted', uid, report);
    await pages.open('#/clusters/drifted/upkeep');
    await pages.page.getByText('2 to look at').waitFor();
    await pages.button('Leave aside… sgr-1').click();
    await pages.dialog().getByLabel('Until').fill('2020-01-01T00:00');
    await pages.dialog().getByLabel('Why').fill('until the partner has moved');
    await pages.page.keyboard.press('Enter');
    await expect.poll(() => pages.dialog().locator('.fault').allTextContents(), patience).toEqual([expect.stringContaining('within a year')]);
    expect(await pages.dialog().getByLabel('Until').getAttribute('aria-invalid')).toBe('true');
    const inAWeek = new Date(Date.now() + 7 * 86_400_000).toISOString().slice(0, 16);
    await pages.dialog().getByLabel('Until').fill(inAWeek);
    await pages.dialog().getByRole('button', { name: 'Leave it aside' }).click();
    await pages.dialog().waitFor({ state: 'detached' });
    await pages.page.getByText('1 to look at').waitFor();
    await pages.page.getByText(/until the partner has moved/).waitFor();
    expect(await pages.api.store.ignoredFindings('drifted')).toMatchObject([{ finding: 'cloud#sgr-1#', reason: 'until the partner has moved' }]);
    // The button that asked has the focus again, and takes it back now.
    await expect.poll(() => pages.page.evaluate('document.activeElement.textContent'), patience).toBe('Notice again sgr-1');
    await pages.page.keyboard.press('Enter');
    await pages.page.getByRole('status').filter({ hasText: 'sgr-1 counts as drift again.' }).waitFor({ state: 'attached' });
    await pages.page.getByText('2 to look at').waitFor();
    expect(await pages.api.store.ignoredFindings('drifted')).toEqual([]);

    await pages.button('Put all of it right…').click();
    await pages.dialog().getByRole('button', { name: 'Repair' }).click();
    expect(await pages.jobShown('Repair drifted')).toMatchObject({ kind: 'repair' });
  });
});

describe('what ends', () => {
  it('is listed over the fleet, what has to be looked at first, within the days of the address', async () => {
    const uid = await pages.made('ending');
    const at = (days: number): string => new Date(Date.now() + days * 86_400_000).toISOString();
    await pages.api.store.report('ending', uid, { kind: 'expiries', at: at(0), expiries: [
      { kind: 'join-token', name: 'join/token', node: null, endsAt: at(-1) }, { kind: 'certificate', name: 'apiserver', node: 'cp-1', endsAt: at(5) }, { kind: 'certificate', name: 'etcd/peer', node: 'cp-2', endsAt: at(6) }, { kind: 'authority', name: 'ca', node: null, endsAt: at(40) },
    ] });
    await pages.open('#/clusters');
    await pages.page.getByRole('link', { name: 'Expiries' }).click();
    const rows = () => pages.page.getByRole('row').filter({ hasText: 'ending' });
    await expect.poll(async () => (await rows().allTextContents()).filter((text) => !/Kubernetes|Operating system/.test(text)), patience).toEqual([
      expect.stringMatching(/^endingToken of joining nodes join\/tokenendedis over /), expect.stringMatching(/^endingCertificate of a control plane apiserver cp-1 and 1 more, latersoonin 4 d 23 h /), expect.stringMatching(/^endingAuthority casoonin 39 d 23 h /),
    ]);
    await pages.page.getByLabel('Ends within').selectOption('14 days');
    await expect.poll(() => rows().filter({ hasText: 'Authority' }).count(), patience).toBe(0);
    expect(pages.page.url()).toContain('#/expiries?within=14d');
    await rows().first().getByRole('link', { name: 'ending' }).click();
    await pages.page.getByRole('heading', { level: 1, name: 'ending' }).waitFor();
    expect(await pages.page.getByRole('link', { name: 'Upkeep' }).getAttribute('aria-current')).toBe('page');
  });
});
