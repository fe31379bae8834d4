import { isFinished, Problem } from '../../client/index.js';
import { ClusterActions } from '../cluster/changes.js';
import { Overview } from '../cluster/overview.js';
import { Upkeep } from '../cluster/upkeep.js';
import { Receipts } from '../job/receipt.js';
import { JobTable } from '../job/table.js';
import { Link } from '../parts/link.js';
import { useLoaded } from '../parts/loaded.js';
import { Page, Section } from '../parts/page.js';
import { ProblemNotice, StaleNotice } from '../parts/problem.js';
import { ClusterState } from '../parts/state.js';
import { Ago } from '../parts/time.js';
import { at, type ClusterPart } from '../route.js';
import { useService } from '../service.js';
import { kindNames, providerNames, type Cluster, type Job } from '../shapes.js';

const lookMs = 5000;

/** One cluster, and what was done with it. A cluster that is gone has left its jobs. */
export function ClusterPage({ name, part }: { readonly name: string; readonly part: ClusterPart }) {
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
  return cluster === undefined ? <Gone name={name} jobs={jobs} /> : <Standing cluster={cluster} part={part} jobs={jobs} error={found.error} />;
}

function Standing({ cluster, part, jobs, error }: { readonly cluster: Cluster; readonly part: ClusterPart; readonly jobs: readonly Job[]; readonly error: unknown }) {
  const { name, state, spec, createdAt, lastJob } = cluster;
  return <Page title={name} above={<Link to={at.clusters()}>Clusters</Link>} actions={<ClusterActions cluster={cluster} />}
    beside={<><ClusterState state={state} /><span>{providerNames[spec.provider]} {spec.region}</span><span>Kubernetes {spec.kubernetesVersion}</span><span>owner {spec.owner}</span><span>created <Ago at={createdAt} /></span></>}>
    <StaleNotice error={error} />
    {lastJob !== null && !isFinished(lastJob.state) && <p class="notice" role="status"><Link to={at.job(lastJob.id)}>{kindNames[lastJob.kind]}</Link> is under way ({lastJob.state}).</p>}
    {(state === 'failed' || state === 'needs-repair') && lastJob !== null && <p class="notice bad"><Link to={at.job(lastJob.id)}>The last job</Link> says what happened. {state === 'needs-repair' ? 'The cluster needs a repair before anything else.' : 'It can be tried again, repaired or deleted.'}</p>}
    <nav class="tabs" aria-label={`Parts of ${name}`}>
      <Link to={at.cluster(name)} current={part === 'overview'}>Overview</Link>
      <Link to={at.upkeep(name)} current={part === 'upkeep'}>Upkeep</Link>
    </nav>
    {part === 'upkeep' ? <Upkeep cluster={cluster} /> : <Overview cluster={cluster} jobs={jobs} />}
  </Page>;
}

function Gone({ name, jobs }: { readonly name: string; readonly jobs: readonly Job[] }) {
  return <Page title={name} above={<Link to={at.clusters()}>Clusters</Link>}>
    <p class="notice">There is no cluster of this name any more. Its jobs are kept for a time, and what its deletion has proved.</p>
    <Receipts jobs={jobs} />
    <Section title="Jobs"><JobTable jobs={jobs} empty="There is none." /></Section>
  </Page>;
}
