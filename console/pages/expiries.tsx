import { useState } from 'preact/hooks';
import { Problem } from '../../client/index.js';
import { expiryNames, expiryRows, type ExpiryRow } from '../expiries/rows.js';
import { SelectField } from '../parts/field.js';
import { Link } from '../parts/link.js';
import { useLoaded } from '../parts/loaded.js';
import { Page } from '../parts/page.js';
import { Pager } from '../parts/pager.js';
import { ProblemNotice, StaleNotice } from '../parts/problem.js';
import { State, type Tone } from '../parts/state.js';
import { Table, type Column } from '../parts/table.js';
import { Until } from '../parts/time.js';
import { at, go, withinDays } from '../route.js';
import { useService } from '../service.js';

const pageSize = 50;
/** A worker looks every few minutes. */
const lookMs = 60_000;

const tones: Readonly<Record<ExpiryRow['standing'], Tone>> = { ended: 'bad', soon: 'warn', later: 'good' };

const columns: readonly Column<ExpiryRow>[] = [
  { title: 'Cluster', cell: ({ cluster }) => <Link to={at.upkeep(cluster)}>{cluster}</Link> },
  { title: 'What', cell: ({ first, more }) => <>{expiryNames[first.kind]} <code>{first.name}</code>{first.node !== null && <span class="hint"> {first.node}</span>}{more > 0 && <span class="hint"> and {more} more, later</span>}</> },
  { title: 'Standing', cell: ({ standing }) => <State tone={tones[standing]}>{standing}</State> },
  { title: 'Ends', cell: ({ first }) => <><Until at={first.endsAt} /> <span class="faint">{first.endsAt.slice(0, 10)}</span></> },
];

/** What ends when, of all clusters that the caller may see. */
export function ExpiriesPage({ within }: { readonly within: string }) {
  const { client } = useService();
  const [cursors, setCursors] = useState<readonly string[]>([]);
  const cursor = cursors.at(-1);
  const list = useLoaded(async (signal) => {
    const { data, error, response } = await client.api.GET('/expiries', { params: { query: { limit: pageSize, ...(within === '' ? {} : { within }), ...(cursor === undefined ? {} : { cursor }) } }, signal });
    if (data === undefined) throw new Problem(response, error);
    return data;
  }, [within, cursor], lookMs);
  const unseen = list.value?.items.filter(({ observedAt }) => observedAt === null) ?? [];
  return <Page title="Expiries">
    <form class="filters" role="search" aria-label="Expiries" onSubmit={(event) => event.preventDefault()}>
      <SelectField label="Ends within" value={within} onValue={(value) => {
        setCursors([]);
        go(at.expiries(value));
      }} options={withinDays.map((one) => [one, one === '' ? 'any time' : `${one.slice(0, -1)} days`] as const)} />
    </form>
    <p class="note">Certificates, and the token of joining nodes, renew themselves; Kubernetes is left by an upgrade, an authority by a rotation, an operating system when the service has another for new machines. Of each kind, what ends first.</p>
    {list.value === undefined ? <ProblemNotice error={list.error} /> : <StaleNotice error={list.error} />}
    {list.value === undefined && list.error === undefined && <p class="empty" role="status">Reading the list…</p>}
    {list.value !== undefined && <>
      <Table caption="Expiries" columns={columns} rows={expiryRows(list.value.items, Date.now())} keyOf={({ cluster, first }) => `${cluster} ${first.kind}`} empty={within === '' ? 'There is no cluster yet.' : 'Nothing ends by then.'} />
      {unseen.length > 0 && <p class="hint">Of {unseen.map(({ cluster }) => cluster).join(', ')} only the ends of Kubernetes and operating system are known: no worker has looked at the rest yet.</p>}
      <Pager page={cursors.length + 1} onBack={cursors.length > 0 ? () => setCursors(cursors.slice(0, -1)) : undefined} next={list.value.nextCursor} onNext={(next) => setCursors([...cursors, next])} />
    </>}
  </Page>;
}
