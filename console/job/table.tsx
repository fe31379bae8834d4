import { Link } from '../parts/link.js';
import { JobState } from '../parts/state.js';
import { Table, type Column } from '../parts/table.js';
import { Ago, duration, useNow } from '../parts/time.js';
import { at } from '../route.js';
import { kindNames, type Job } from '../shapes.js';

/** Jobs as a table. @param withCluster whether they are of more than one cluster */
export function JobTable({ jobs, withCluster = false, empty }: { readonly jobs: readonly Job[]; readonly withCluster?: boolean; readonly empty: string }) {
  const cluster: Column<Job> = { title: 'Cluster', cell: (job) => <Link to={at.cluster(job.cluster)}>{job.cluster}</Link> };
  const columns: readonly Column<Job>[] = [
    { title: 'Job', cell: ({ id, kind, cluster: name }) => <Link to={at.job(id)}>{kindNames[kind]}{withCluster && <span class="unseen"> {name}</span>}</Link> },
    ...(withCluster ? [cluster] : []),
    { title: 'State', cell: ({ state }) => <JobState state={state} /> },
    { title: 'Asked for', cell: ({ createdAt, requestedBy }) => <><Ago at={createdAt} /> <span class="faint">by {requestedBy}</span></> },
    { title: 'Took', cell: (job) => <Took job={job} /> },
  ];
  return <Table caption="Jobs" columns={columns} rows={jobs} keyOf={({ id }) => id} empty={empty} />;
}

/** How long a job has taken, or takes so far. */
export function Took({ job }: { readonly job: Pick<Job, 'startedAt' | 'endedAt'> }) {
  const now = useNow(1000);
  if (job.startedAt === null) return <span class="faint">not begun</span>;
  return <>{duration((job.endedAt === null ? now : Date.parse(job.endedAt)) - Date.parse(job.startedAt))}</>;
}
