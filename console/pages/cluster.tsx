import { isFinished, Problem } from '../../client/index.js';
import { Backups } from '../cluster/backups.js';
import { ClusterActions } from '../cluster/changes.js';
import { Access, Addons, Health, Namespaces } from '../cluster/details.js';
import { Pools } from '../cluster/pools.js';
import { Topology } from '../cluster/topology.js';
import { ReceiptView } from '../job/receipt.js';
import { JobTable } from '../job/table.js';
import { Link } from '../parts/link.js';
import { useLoaded } from '../parts/loaded.js';
import { Page, Section } from '../parts/page.js';
import { ProblemNotice, StaleNotice } from '../parts/problem.js';
import { ClusterState } from '../parts/state.js';
import { Ago } from '../parts/time.js';
import { at } from '../route.js';
import { useService } from '../service.js';
import { kindNames, providerNames, type Cluster, type Job } from '../shapes.js';

const lookMs = 5000;
/** So many jobs are shown; all are in the list of jobs. */
const jobsShown = 10;

/** One cluster, and what was done with it. A cluster that is gone has left its jobs. */
export function ClusterPage({ name }: { readonly name: string }) {
  const { client } = useService();
  const found = useLoaded(async (signal) => {
    const cluster = await client.cluster(name, { signal }).catch((error: unknown) => {
      if (error instanceof Problem && error.code === 'cluster-not-found') return undefined;
      throw error;
    });
    const { data, error, response } = await client.api.GET('/clusters/{name}/jobs', { params: { path: { name }, query: { limit: 50 } }, signal });
    if (data === undefined) throw new Problem(response, error);
    return { cluster, jobs: data.items };
  }, [name], lookMs);
  if (found.value === undefined) return <Page title={name} above={<Link to={at.clusters()}>Clusters</Link>}>{found.error === undefined ? <p class="empty" role="status">Reading the cluster…</p> : <ProblemNotice error={found.error} />}</Page>;
  const { cluster, jobs } = found.value;
  return cluster === undefined ? <Gone name={name} jobs={jobs} /> : <Standing cluster={cluster} jobs={jobs} error={found.error} />;
}

function Standing({ cluster, jobs, error }: { readonly cluster: Cluster; readonly jobs: readonly Job[]; readonly error: unknown }) {
  const { name, state, spec, createdAt, endpoint, nodes, lastJob } = cluster;
  return <Page title={name} above={<Link to={at.clusters()}>Clusters</Link>} actions={<ClusterActions cluster={cluster} />}
    beside={<><ClusterState state={state} /><span>{providerNames[spec.provider]} {spec.region}</span><span>Kubernetes {spec.kubernetesVersion}</span><span>owner {spec.owner}</span><span>created <Ago at={createdAt} /></span></>}>
    <StaleNotice error={error} />
    {lastJob !== null && !isFinished(lastJob.state) && <p class="notice" role="status"><Link to={at.job(lastJob.id)}>{kindNames[lastJob.kind]}</Link> is under way ({lastJob.state}).</p>}
    {(state === 'failed' || state === 'needs-repair') && lastJob !== null && <p class="notice bad"><Link to={at.job(lastJob.id)}>The last job</Link> says what happened. {state === 'needs-repair' ? 'The cluster needs a repair before anything else.' : 'It can be tried again, repaired or deleted.'}</p>}
    <Section title="Topology"><Topology cluster={cluster} /></Section>
    <dl class="facts">
      <div class="wide"><dt>Endpoint</dt><dd>{endpoint === null ? <span class="faint">not yet</span> : <code>{endpoint}</code>}</dd></div>
      <div><dt>Nodes seen</dt><dd>{nodes.controlPlane + nodes.workers === 0 ? <span class="faint">none yet</span> : `${nodes.controlPlane} control planes, ${nodes.workers} workers`}</dd></div>
      <div><dt>Template</dt><dd>{spec.template ?? <span class="faint">none</span>}</dd></div>
      <div><dt>Account</dt><dd>{spec.account}</dd></div>
      <div><dt>Deletion</dt><dd>{spec.protect ? 'protected' : spec.deletion.retain === 'backups' ? 'keeps backups' : 'keeps nothing'}</dd></div>
      {Object.entries(spec.labels).length > 0 && <div><dt>Labels</dt><dd>{Object.entries(spec.labels).map(([key, value]) => `${key}=${value}`).join(', ')}</dd></div>}
    </dl>
    <Health conditions={cluster.conditions} />
    <Pools cluster={cluster} />
    <Addons addons={cluster.addons} />
    <Access spec={spec} />
    <Namespaces spec={spec} />
    <Backups cluster={cluster} />
    <Section title="Jobs"><JobTable jobs={jobs.slice(0, jobsShown)} empty="There is none." /></Section>
    <Receipts jobs={jobs} />
    <Section title="Spec" note="Resolved: complete, nothing left to default."><details><summary>As JSON</summary><pre tabIndex={0}>{JSON.stringify(spec, undefined, 2)}</pre></details></Section>
  </Page>;
}

function Gone({ name, jobs }: { readonly name: string; readonly jobs: readonly Job[] }) {
  return <Page title={name} above={<Link to={at.clusters()}>Clusters</Link>}>
    <p class="notice">There is no cluster of this name any more. Its jobs are kept for a time, and what its deletion has proved.</p>
    <Receipts jobs={jobs} />
    <Section title="Jobs"><JobTable jobs={jobs} empty="There is none." /></Section>
  </Page>;
}

/** Receipts of deletions of the name: of a cluster that is gone, or of earlier ones. */
function Receipts({ jobs }: { readonly jobs: readonly Job[] }) {
  const deletions = jobs.filter(({ receipt }) => receipt !== undefined && receipt !== null);
  if (deletions.length === 0) return null;
  return <Section title="Receipts of deletions">{deletions.map(({ id, receipt }) => receipt && <div key={id}><p><Link to={at.job(id)}>Deletion of {receipt.at.slice(0, 10)}</Link></p><ReceiptView receipt={receipt} /></div>)}</Section>;
}
