import { describe, expect, it } from 'vitest';
import { consolePages, patience } from './console-pages.js';

const pages = consolePages();

describe('an upgrade', () => {
  const checks = [
    { check: 'nodes', state: 'ok', detail: 'All 6 nodes are Ready.', hint: null },
    { check: 'backups', state: 'warn', detail: 'There is no snapshot.', hint: 'Save the cluster.' },
    { check: 'webhooks', state: 'stop', detail: 'Nobody answers.', hint: 'Bring it back.' },
  ] as const;

  it('is looked at before, tells what would stop it, and is asked for by the name of the cluster', async () => {
    const uid = await pages.made('upgraded', { kubernetesVersion: '1.34' });
    await pages.open('#/clusters/upgraded');
    await pages.page.getByRole('link', { name: 'Upkeep' }).click();
    await pages.page.getByText('Nobody has looked yet').waitFor();

    await pages.button('Look at what stands in the way').click();
    await pages.api.store.report('upgraded', uid, { kind: 'upgrade-readiness', at: new Date().toISOString(), kubernetesVersion: '1.35', checks: [...checks] });
    await pages.endPreview('upgraded');
    await expect.poll(() => pages.page.getByRole('table', { name: 'Readiness for an upgrade' }).getByRole('row').allTextContents(), patience)
      .toEqual(['CheckStateFound', 'nodesokAll 6 nodes are Ready.', 'backupswarnThere is no snapshot. Save the cluster.', 'webhooksstopNobody answers. Bring it back.']);

    await pages.button('Upgrade…').click();
    await pages.dialog().getByText('What was seen last would stop it: webhooks.').waitFor();
    await pages.dialog().getByLabel('Type upgraded to confirm').fill('upgrade');
    await pages.page.keyboard.press('Enter');
    expect(await pages.dialog().getByRole('button', { name: 'Upgrade to 1.35' }).getAttribute('aria-disabled')).toBe('true');
    await pages.dialog().getByLabel('Type upgraded to confirm').fill('upgraded');
    await pages.dialog().getByRole('button', { name: 'Upgrade to 1.35' }).dblclick();
    expect(await pages.jobShown('Upgrade upgraded')).toMatchObject({ kind: 'upgrade', state: 'queued', spec: { kubernetesVersion: '1.35' } });
    const { items } = await pages.api.store.listJobs({ cluster: 'upgraded', kind: 'upgrade' }, { limit: 10 });
    expect(items.map(({ intent }) => intent.request)).toEqual([undefined]);

    // One job at a time: nothing else is offered meanwhile.
    await pages.open('#/clusters/upgraded/upkeep');
    await pages.page.getByText('nothing else can be begun').waitFor();
    for (const name of ['Upgrade…', 'Save now']) expect([name, await pages.isOffered(name)]).toEqual([name, false]);
  });

  it('waits for the next maintenance window, or begins outside of it where somebody says so', async () => {
    // A window that is closed now, whatever the time is.
    const start = `${String((new Date().getUTCHours() + 12) % 24).padStart(2, '0')}:00`;
    await pages.made('windowed', { kubernetesVersion: '1.34', maintenance: { windows: [{ start, hours: 1 }] } });
    await pages.open('#/clusters/windowed/upkeep');
    await pages.button('Upgrade…').click();
    await pages.dialog().getByText(`every day from ${start} for 1 h (UTC)`).waitFor();
    await pages.dialog().getByLabel('Type windowed to confirm').fill('windowed');
    await pages.page.keyboard.press('Enter');
    const waiting = await pages.jobShown('Upgrade windowed');
    await pages.page.getByText('It waits for a maintenance window of the cluster').waitFor();
    expect(waiting.notBefore).toContain(`T${start}`);
    await pages.api.send('POST', `/jobs/${waiting.id}/cancel`, {});

    await pages.open('#/clusters/windowed/upkeep');
    await pages.button('Upgrade…').click();
    await pages.dialog().getByRole('radio', { name: /^Now/ }).check();
    await pages.dialog().getByLabel('Type windowed to confirm').fill('windowed');
    await pages.page.keyboard.press('Enter');
    const urgent = await pages.jobShown('Upgrade windowed');
    expect(urgent).toMatchObject({ kind: 'upgrade', state: 'queued' });
    expect(urgent.notBefore).toBeUndefined();
  });

  it('that was stopped goes on to its own minor, in place where that is chosen', async () => {
    await pages.made('stopped', { kubernetesVersion: '1.34' });
    const response = await pages.api.send('POST', '/clusters/stopped/upgrade', { kubernetesVersion: '1.35' });
    const { job } = await response.json() as { job: { id: string } };
    await pages.api.finish(job.id, { state: 'failed' });
    await pages.open('#/clusters/stopped/upkeep');
    await pages.button('Upgrade…').click();
    await pages.dialog().getByText('An upgrade that was stopped goes on').waitFor();
    await pages.dialog().getByRole('radio', { name: /^In place/ }).check();
    await pages.dialog().getByLabel('Type stopped to confirm').fill('stopped');
    await pages.page.keyboard.press('Enter');
    expect(await pages.jobShown('Upgrade stopped')).toMatchObject({ spec: { kubernetesVersion: '1.35' }, intent: { request: { kind: 'upgrade', inPlace: true } } });
  });
});

describe('machines that are behind the current image', () => {
  it('are listed, and replaced by a job that is asked for by the name of the cluster', async () => {
    const uid = await pages.made('imaged', { kubernetesVersion: '1.35' });
    await pages.open('#/clusters/imaged/upkeep');
    await pages.page.getByText('No worker has looked yet at what the machines were made from.').waitFor();
    const image = { id: 'ami-1', publishedAt: '2026-09-01T00:00:00.000Z' };
    await pages.api.store.report('imaged', uid, {
      kind: 'machine-images', at: new Date().toISOString(), current: { id: 'ami-2', publishedAt: '2026-11-03T00:00:00.000Z' }, kubernetesRelease: '1.35.4', machines: [{ node: 'cp-1', image, kubernetesRelease: '1.35.4', behind: true }],
    });
    await pages.open('#/clusters');
    await pages.open('#/clusters/imaged/upkeep');
    await expect.poll(() => pages.page.getByRole('table', { name: 'Images of machines' }).getByRole('row').allTextContents(), patience).toEqual(['NodeImageKubernetesStanding', 'cp-1ami-1 of 2026-09-011.35.4behind']);
    await pages.button('Replace machines that are behind…').click();
    await pages.dialog().getByLabel('Type imaged to confirm').fill('imaged');
    await pages.page.keyboard.press('Enter');
    expect(await pages.jobShown('Upgrade imaged')).toMatchObject({ kind: 'upgrade', spec: { kubernetesVersion: '1.35' }, intent: { request: { kind: 'upgrade', machineImages: 'current' } } });
  });
});

describe('a hibernated cluster', () => {
  it('can be woken or deleted, and nothing else', async () => {
    await pages.made('asleep');
    await pages.open('#/clusters/asleep');
    await pages.button('Hibernate…').click();
    await pages.dialog().getByRole('button', { name: 'Hibernate', exact: true }).click();
    await pages.api.finish((await pages.jobShown('Hibernate asleep')).id, { change: { state: 'hibernated' } });

    await pages.open('#/clusters/asleep');
    await pages.page.getByText('hibernated', { exact: true }).waitFor();
    for (const name of ['Scale general', 'Give access for a time…']) expect([name, await pages.isOffered(name)]).toEqual([name, false]);
    await pages.page.getByRole('link', { name: 'Upkeep' }).click();
    await pages.page.getByText('it can be woken or deleted, and nothing else').waitFor();
    for (const name of ['Repair…', 'Hibernate…']) expect([name, await pages.button(name).count()]).toEqual([name, 0]);
    for (const name of ['Upgrade…', 'Look at what stands in the way', 'Save now']) expect([name, await pages.isOffered(name)]).toEqual([name, false]);
    await pages.button('Wake…').click();
    await pages.dialog().getByRole('button', { name: 'Wake', exact: true }).click();
    expect(await pages.jobShown('Wake asleep')).toMatchObject({ kind: 'wake', state: 'queued' });
  });
});

describe('keys and certificates', () => {
  const choose = async (action: string, what: string) => pages.page.getByRole('row').filter({ hasText: what }).getByRole('button', { name: action }).click();

  it('are made anew by a job that was explained, the end of authorities only by who agrees', async () => {
    await pages.made('rotated');
    await pages.open('#/clusters/rotated/upkeep');
    await choose('Finish', 'Authorities');
    const finish = pages.dialog().getByRole('button', { name: 'Finish' });
    expect(await finish.getAttribute('aria-disabled')).toBe('true');
    await pages.dialog().getByLabel('has the kubeconfig from after the beginning').check();
    await finish.click();
    await pages.dialog().getByRole('alert').getByText('No control plane of "rotated" has two authorities.').waitFor();
    await pages.page.keyboard.press('Escape');

    await choose('Begin', 'Authorities');
    await pages.dialog().getByText('everybody fetches a new kubeconfig').waitFor();
    await pages.dialog().getByRole('button', { name: 'Begin' }).click();
    expect(await pages.jobShown('Rotate rotated')).toMatchObject({ kind: 'rotate', intent: { request: { kind: 'rotate', what: 'ca', phase: 'begin' } } });
  });

  it('wait for what has failed otherwise', async () => {
    await pages.made('waiting', {}, { state: 'failed' });
    await pages.open('#/clusters/waiting/upkeep');
    await pages.page.getByText('what it waits for comes first').waitFor();
    for (const rotate of await pages.page.getByRole('table', { name: 'Keys and certificates' }).getByRole('button').all()) expect(await rotate.isDisabled()).toBe(true);
  });
});
