import { useState } from 'preact/hooks';
import { Problem } from '../../client/index.js';
import { Field, SelectField } from '../parts/field.js';
import { Link } from '../parts/link.js';
import { useLoaded } from '../parts/loaded.js';
import { Page } from '../parts/page.js';
import { Pager } from '../parts/pager.js';
import { ProblemNotice, StaleNotice } from '../parts/problem.js';
import { ClusterState, State, toneOfAddon } from '../parts/state.js';
import { Table, type Column } from '../parts/table.js';
import { Ago } from '../parts/time.js';
import { at, go, type Filter } from '../route.js';
import { useService } from '../service.js';
import { clusterStates, providerNames, providers, type Cluster } from '../shapes.js';

const pageSize = 25;
const lookMs = 5000;

const columns: readonly Column<Cluster>[] = [
  { title: 'Name', cell: ({ name }) => <Link to={at.cluster(name)}>{name}</Link> },
  { title: 'State', cell: ({ state }) => <ClusterState state={state} /> },
  { title: 'Cloud', cell: ({ spec }) => <>{providerNames[spec.provider]} <span class="faint">{spec.region}</span></> },
  { title: 'Kubernetes', cell: ({ spec }) => spec.kubernetesVersion },
  { title: 'Nodes', cell: ({ nodes }) => nodes.controlPlane + nodes.workers === 0 ? <span class="faint">none seen</span> : `${nodes.controlPlane} + ${nodes.workers}` },
  { title: 'Add-ons', cell: ({ addons }) => <AddonCount addons={addons} /> },
  { title: 'Owner', cell: ({ spec }) => spec.owner },
  { title: 'Age', cell: ({ createdAt }) => <Ago at={createdAt} /> },
];

/** All clusters that the caller may see, in pages. */
export function ClustersPage({ filter }: { readonly filter: Filter }) {
  const { client } = useService();
  // The cursor of each page up to the one that is shown.
  const [cursors, setCursors] = useState<readonly string[]>([]);
  const cursor = cursors.at(-1);
  const list = useLoaded(async (signal) => {
    const { data, error, response } = await client.api.GET('/clusters', { params: { query: { ...queryOf(filter), limit: pageSize, ...(cursor === undefined ? {} : { cursor }) } }, signal });
    if (data === undefined) throw new Problem(response, error);
    return data;
  }, [JSON.stringify(filter), cursor], lookMs);
  const change = (part: Filter) => {
    setCursors([]);
    go(at.clusters({ ...filter, ...part }));
  };
  const filtered = Object.values(filter).length > 0;
  return <Page title="Clusters" actions={<Link to={at.create} class="button primary">Create a cluster</Link>}>
    <form class="filters" role="search" aria-label="Clusters" onSubmit={(event) => event.preventDefault()}>
      <SelectField label="Cloud" value={filter.provider ?? ''} onValue={(provider) => change({ provider })} options={[['', 'all'], ...providers.map((one) => [one, providerNames[one]] as const)]} />
      <SelectField label="State" value={filter.state ?? ''} onValue={(state) => change({ state })} options={[['', 'all'], ...clusterStates.map((one) => [one, one] as const)]} />
      <Field label="Owner">{(input) => <input {...input} type="search" value={filter.owner ?? ''} placeholder="all" onChange={(event) => change({ owner: event.currentTarget.value.trim() })} />}</Field>
      {filtered && <Link to={at.clusters()} class="clear">Show all</Link>}
    </form>
    {list.value === undefined ? <ProblemNotice error={list.error} /> : <StaleNotice error={list.error} />}
    {list.value === undefined && list.error === undefined && <p class="empty" role="status">Reading the list…</p>}
    {list.value !== undefined && <>
      <Table caption="Clusters" columns={columns} rows={list.value.items} keyOf={({ uid }) => uid}
        empty={filtered ? 'No cluster matches.' : <>There is no cluster yet. <Link to={at.create}>Create the first one</Link>: the plan is shown before anything happens.</>} />
      <Pager page={cursors.length + 1} onBack={cursors.length > 0 ? () => setCursors(cursors.slice(0, -1)) : undefined} next={list.value.nextCursor} onNext={(next) => setCursors([...cursors, next])} />
    </>}
  </Page>;
}

/** The filter as far as the API knows its values: the address can hold anything. */
function queryOf({ provider, state, owner }: Filter) {
  const known = { provider: providers.find((one) => one === provider), state: clusterStates.find((one) => one === state) };
  return { ...(known.provider ? { provider: known.provider } : {}), ...(known.state ? { state: known.state } : {}), ...(owner ? { owner } : {}) };
}

function AddonCount({ addons }: Pick<Cluster, 'addons'>) {
  if (addons.length === 0) return <span class="faint">none seen</span>;
  const wrong = addons.filter(({ state }) => ['bad', 'warn'].includes(toneOfAddon(state)));
  return wrong.length === 0 ? <>{addons.filter(({ state }) => state === 'deployed').length} deployed</> : <State tone="warn">{`${wrong.length} of ${addons.length} not healthy`}</State>;
}
