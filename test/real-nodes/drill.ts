import { expect, it } from 'vitest';
import { z } from 'zod';
import { drillReportSchema, type DrillReport } from '../../model/drill.js';
import { until } from '../support/until.js';
import type { Ground } from './ground.js';

const jobsSchema = z.object({ items: z.array(z.object({ id: z.string(), kind: z.string(), requestedBy: z.string() })) });

/** Restores of etcd that are tried beside a cluster: when they are asked for, and by a calendar. */
export function drill({ cluster, portal }: Ground): void {
  const path = `/clusters/${cluster.name}`;
  const reportOf = (job: unknown): DrillReport => {
    expect(job).toMatchObject({ kind: 'drill', state: 'succeeded', error: null });
    const { report } = z.object({ report: drillReportSchema }).parse(job);
    process.stderr.write(`drill: RPO ${report.rpoSeconds} s, RTO ${report.rtoSeconds} s, of which ${JSON.stringify(report.finding?.seconds)}; ${report.finding?.objects.found} objects\n`);
    expect(report.rpoSeconds).toBeLessThanOrEqual(70 * 60);
    expect(report.rtoSeconds).toBeLessThanOrEqual(300);
    return report;
  };
  const saved = async (): Promise<DrillReport> => {
    expect(await portal.change('POST', `${path}/backups`)).toMatchObject({ state: 'succeeded', error: null });
    return reportOf(await portal.change('POST', `${path}/drills`));
  };

  it('finds in a backup what there was when it was made, and leaves nothing on the control plane', async () => {
    const before = await saved();
    const more = Array.from({ length: 50 }, (_, index) => ({ apiVersion: 'v1', kind: 'Secret', metadata: { name: `drilled-${index}` }, stringData: { word: 'drilled' } }));
    await cluster.kubectl(['create', '--filename', '-'], JSON.stringify({ apiVersion: 'v1', kind: 'List', items: more }));
    const after = await saved();

    expect(after.finding?.secrets.found).toBe((before.finding?.secrets.found ?? 0) + more.length);
    expect(after.finding?.objects.found).not.toBe(before.finding?.objects.found);
    await cluster.kubectl(['delete', 'secrets', ...more.map(({ metadata: { name } }) => name)]);
    await cluster.look();
    for (const host of cluster.controlPlanes) {
      expect(await cluster.inside(host, 'bash', '-c', 'ctr --namespace k8s.io containers list --quiet | grep drill || true; ls -d /var/lib/clusterwright/*drill* 2> /dev/null || true')).toBe('');
      expect(await cluster.connects(host, '127.0.0.1', 16443)).toBe(false);
    }
  }, 10 * 60_000);

  it('is made when the calendar says so', async () => {
    const own = async () => jobsSchema.parse(await (await portal.send('GET', `${path}/jobs`)).json()).items.find(({ kind, requestedBy }) => kind === 'drill' && requestedBy === 'clusterwright');
    expect(await portal.change('PATCH', path, { recovery: { drills: { schedule: '* * * * *' } } })).toMatchObject({ state: 'succeeded', error: null });
    await until(async () => (await own()) !== undefined, 180_000);
    reportOf(await portal.ended((await own())?.id ?? ''));
    // The next minute's may have begun.
    await until(async () => portal.change('PATCH', path, { recovery: { drills: null } }).then(({ state }) => state === 'succeeded', () => false), 180_000);
  }, 15 * 60_000);
}
