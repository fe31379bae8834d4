import { ActionButton, useAction } from '../parts/action.js';
import { Link } from '../parts/link.js';
import { useLoaded } from '../parts/loaded.js';
import { Section } from '../parts/page.js';
import { ProblemNotice, StaleNotice } from '../parts/problem.js';
import { JobState } from '../parts/state.js';
import { Table } from '../parts/table.js';
import { Ago, duration } from '../parts/time.js';
import { at, go } from '../route.js';
import { useService } from '../service.js';
import type { Cluster, Drill } from '../shapes.js';
import { hindrance } from './standing.js';

/** So many are shown; the command line makes a report of a year. */
const shown = 10;
const minuteMs = 60_000;

/** Whether backups are of use: the restores that were tried, against what the spec asks of them. */
export function Drills({ cluster }: { readonly cluster: Cluster }) {
  const { client } = useService();
  const { name, lastJob, spec: { platform, recovery: { drills: calendar, clusterDrills, targets } } } = cluster;
  const found = useLoaded(async (signal) => {
    const newest: Drill[] = [];
    for await (const drill of client.drills(name, { signal })) if (newest.push(drill) === shown) break;
    return newest;
  }, [name, lastJob?.id, lastJob?.state]);
  const drill = useAction(async () => go(at.job((await client.startDrill(name)).job.id)));
  const whole = useAction(async () => go(at.job((await client.startDrill(name, { of: 'cluster' })).job.id)));
  const by = (when: typeof calendar) => when === undefined ? 'only when somebody asks' : <>by the calendar <code>{when.schedule}</code> ({when.timeZone})</>;
  return <Section title="Restore drills" note={<>The newest snapshot of etcd is brought back beside the cluster, looked through, and taken away again, {by(calendar)}. It may be {duration(targets.rpoMinutes * minuteMs)} old (RPO), and be back after {duration(targets.rtoMinutes * minuteMs)} (RTO).
    {platform.backup === 'velero' && <> The newest backup of Velero&rsquo;s with files is restored, at rest, into a cluster that is made for it and deleted again, {by(clusterDrills)}. It may be {duration(targets.cluster.rpoMinutes * minuteMs)} old, and be back after {duration(targets.cluster.rtoMinutes * minuteMs)}.</>}</>}>
    <StaleNotice error={found.error} />
    <Table caption="Restore drills" rows={found.value ?? []} keyOf={({ job }) => job} empty={found.value === undefined ? 'Reading the drills…' : 'None was tried yet.'} columns={[
      { title: 'Tried', cell: ({ job, requestedAt }) => <Link to={at.job(job)}><Ago at={requestedAt} /></Link> },
      { title: 'Of', cell: ({ of }) => (of === 'etcd' ? 'etcd' : 'the whole cluster') },
      { title: 'Result', cell: ({ state, report, error }) => <><JobState state={state} /> {(report?.faults ?? (error === null ? [] : [error.detail])).join(' ')}</> },
      { title: 'Backup', cell: ({ report }) => report?.backup && <code>{report.backup.id}</code> },
      { title: 'RPO', cell: ({ report }) => seconds(report?.rpoSeconds) },
      { title: 'RTO', cell: ({ report }) => seconds(report?.rtoSeconds) },
    ]} />
    <ProblemNotice error={drill.error ?? whole.error} />
    <div class="choices"><ActionButton action={drill} unavailable={hindrance(cluster) !== undefined}>Try a restore now</ActionButton>
      {platform.backup === 'velero' && <ActionButton action={whole}>Try the whole cluster in another one</ActionButton>}</div>
  </Section>;
}

/** Seconds as people read them; nothing where it did not come so far. */
export function seconds(value: number | null | undefined): string {
  return value === null || value === undefined ? '' : duration(value * 1000);
}
