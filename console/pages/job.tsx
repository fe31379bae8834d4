import { isFinished } from '../../client/index.js';
import { CancelButton } from '../job/cancel.js';
import { JobErrorNotice } from '../job/error.js';
import { Events } from '../job/events.js';
import { useLiveJob } from '../job/live.js';
import { announcement, Phases } from '../job/phases.js';
import { ReceiptView } from '../job/receipt.js';
import { ReportView } from '../job/report.js';
import { Took } from '../job/table.js';
import { ActionButton, useAction } from '../parts/action.js';
import { Link } from '../parts/link.js';
import { Page, Section } from '../parts/page.js';
import { ProblemNotice, StaleNotice } from '../parts/problem.js';
import { JobState } from '../parts/state.js';
import { Ago } from '../parts/time.js';
import { PlanView } from '../plan/view.js';
import { at, go } from '../route.js';
import { useService } from '../service.js';
import { kindNames, type Job } from '../shapes.js';

/** One job, live. */
export function JobPage({ id }: { readonly id: string }) {
  const { job, events, error, interrupted, look } = useLiveJob(id);
  if (job === undefined) return <Page title="Job">{error === undefined ? <p class="empty" role="status">Reading the job…</p> : <ProblemNotice error={error} />}</Page>;
  const unfinished = !isFinished(job.state);
  return <Page title={`${kindNames[job.kind]} ${job.cluster}`} above={<Link to={at.jobs}>Jobs</Link>}
    beside={<><JobState state={job.state} /><span>asked for <Ago at={job.createdAt} /> by {job.requestedBy}</span><span><Took job={job} /></span>{job.attempt > 1 && <span>attempt {job.attempt}</span>}</>}
    actions={<>
      <Link to={at.cluster(job.cluster)} class="button">The cluster</Link>
      {unfinished && <CancelButton job={job} onDone={look} />}
      {job.links.retry !== undefined && <Retry job={job} />}
    </>}>
    <StaleNotice error={error} />
    {interrupted && <p class="notice warn" role="status">The stream of events broke. The console asks for it again; the job goes on meanwhile.</p>}
    <p class="unseen" role="status" aria-live="polite">{announcement(job)}</p>
    {job.state === 'queued' && job.notBefore !== undefined && <p class="notice">It waits for a maintenance window of the cluster, and does not begin before <time>{job.notBefore}</time>.</p>}
    {job.cancellation !== null && unfinished && <p class="notice warn">Somebody wants it to end, since <Ago at={job.cancellation.requestedAt} />.{job.cancellation.force ? ' It is killed once the grace period has passed.' : ' It ends as soon as what it is doing is finished.'}</p>}
    <JobErrorNotice error={job.error} />
    <div class="overall"><progress aria-label="Progress of the job" max={100} value={job.progress.percent} /><output>{job.progress.percent} %</output></div>
    <Section title="Phases"><Phases job={job} events={events} /></Section>
    {job.plan && <Section title="Plan"><PlanView plan={job.plan} /></Section>}
    {job.report && <ReportView report={job.report} />}
    {job.receipt && <Section title="Receipt" note="The proof of the deletion: what the clouds were asked for afterwards, and what was found."><ReceiptView receipt={job.receipt} /></Section>}
    {job.kind === 'create' && job.state === 'succeeded' && <p class="notice good">The cluster is ready: every node, add-on and workload of the platform was verified. <Link to={at.cluster(job.cluster)}>Look at it</Link></p>}
    <Section title="Events"><Events events={events} /></Section>
  </Page>;
}

function Retry({ job }: { readonly job: Job }) {
  const { client } = useService();
  const action = useAction(async () => go(at.job((await client.retryJob(job.id)).job.id)));
  return <><ActionButton action={action} kind="primary">Try again</ActionButton><ProblemNotice error={action.error} /></>;
}
