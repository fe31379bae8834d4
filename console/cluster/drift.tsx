import { useState } from 'preact/hooks';
import { ActionButton, useAction } from '../parts/action.js';
import { Dialog } from '../parts/dialog.js';
import { TextField } from '../parts/field.js';
import { useLoaded } from '../parts/loaded.js';
import { localText, timeOf } from '../parts/local-time.js';
import { Section } from '../parts/page.js';
import { faultsAt, ProblemNotice, StaleNotice } from '../parts/problem.js';
import { State } from '../parts/state.js';
import { Ago } from '../parts/time.js';
import { UntilField } from '../parts/until.js';
import { at, go } from '../route.js';
import { useService } from '../service.js';
import type { Cluster, DriftFinding } from '../shapes.js';
import { RepairDialog } from './changes.js';
import { DriftTable, UncheckedTable } from './drift-table.js';
import { driftRows, openOf, type DriftRow } from './findings.js';
import { hindrance } from './standing.js';

const dayMs = 24 * 3_600_000;
/** For how long something is left aside unless somebody says otherwise, in days. */
const usualDays = 30;

/** What of a cluster is other than it should be. */
export function Drift({ cluster }: { readonly cluster: Cluster }) {
  const { client } = useService();
  const { name, lastJob, spec: { drift: calendar } } = cluster;
  const found = useLoaded((signal) => client.drift(name, { signal }), [name, lastJob?.id, lastJob?.state]);
  const [left, setLeft] = useState<DriftRow>();
  const [kept, setKept] = useState<DriftFinding>();
  const [repairing, setRepairing] = useState(false);
  const [said, setSaid] = useState('');
  const compare = useAction(async () => go(at.job((await client.checkDrift(name)).job.id)));
  const rows = found.value === undefined ? [] : driftRows(found.value);
  const report = found.value?.report ?? undefined;
  const atRest = hindrance(cluster) === undefined;
  const done = (what: string) => {
    setLeft(undefined);
    setSaid(what);
    found.again();
  };
  return <Section title="Drift" note={calendar?.schedule === undefined ? 'The cluster is looked through only when somebody asks.' : <>The cluster is looked through by the calendar <code>{calendar.schedule}</code> ({calendar.timeZone}).</>}>
    <StaleNotice error={found.error} />
    {report !== undefined && <p class="note">{openOf(rows) === 0 ? <State tone="good">Nothing differs</State> : <State tone="warn">{`${openOf(rows)} to look at`}</State>} compared <Ago at={report.at} /></p>}
    <p class="unseen" role="status">{said}</p>
    <DriftTable rows={rows} empty={found.value === undefined ? 'Reading the report…' : report === undefined ? 'Nobody has compared yet.' : 'Everything is as it should be.'} more={{
      title: 'Change', cell: (row) => row.accepted === undefined && <>
        <FindingButton name={name} row={row} onLeave={() => setLeft(row)} onDone={done} />
        {row.finding?.acceptable === true && <button type="button" disabled={!atRest} onClick={() => setKept(row.finding)}>Accept…<span class="unseen"> {calledBy(row)}</span></button>}
      </>,
    }} />
    {report !== undefined && <UncheckedTable unchecked={report.unchecked} />}
    <ProblemNotice error={compare.error} />
    <div class="choices">
      <ActionButton action={compare} unavailable={!atRest}>Compare now</ActionButton>
      {report !== undefined && report.findings.length > 0 && <button type="button" disabled={!atRest} onClick={() => setRepairing(true)}>Put all of it right…</button>}
    </div>
    {left !== undefined && <LeaveDialog name={name} row={left} onClose={() => setLeft(undefined)} onDone={done} />}
    {kept !== undefined && <AcceptDialog cluster={cluster} finding={kept} onClose={() => setKept(undefined)} />}
    {repairing && <RepairDialog cluster={cluster} onClose={() => setRepairing(false)} />}
  </Section>;
}

interface FindingProps { readonly name: string; readonly row: DriftRow; /** @param what has happened, in words */ readonly onDone: (what: string) => void }

const calledBy = ({ id, finding }: DriftRow): string => finding === undefined ? id : [finding.resource, finding.property].filter((part) => part !== null).join(' ');

/** Leaves a finding aside, or no longer. It is one button throughout, so that it keeps the focus. */
function FindingButton({ name, row, onLeave, onDone }: FindingProps & { readonly onLeave: () => void }) {
  const { client } = useService();
  const notice = useAction(async () => {
    await client.noticeDrift(name, row.id);
    onDone(`${calledBy(row)} counts as drift again.`);
  });
  const isOpen = row.aside === undefined;
  return <>
    <button type="button" aria-busy={notice.busy} onClick={isOpen ? onLeave : notice.run}>{isOpen ? 'Leave aside…' : 'Notice again'}<span class="unseen"> {calledBy(row)}</span></button>
    <ProblemNotice error={notice.error} />
  </>;
}

/** Leaves a finding aside until a time, for a reason that everybody sees. */
function LeaveDialog({ name, row, onClose, onDone }: FindingProps & { readonly onClose: () => void }) {
  const { client } = useService();
  const [until, setUntil] = useState(() => localText(new Date(Date.now() + usualDays * dayMs)));
  const [reason, setReason] = useState('');
  const action = useAction(async () => {
    await client.ignoreDrift(name, { finding: row.id, until: timeOf(until), reason: reason.trim() });
    onDone(`${calledBy(row)} is left aside.`);
  });
  return <Dialog title="Leave it aside?" onClose={onClose}>
    <form noValidate onSubmit={(event) => {
      event.preventDefault();
      action.run();
    }}>
      <p><code>{calledBy(row)}</code> is found as before, and is not counted as drift until then. A repair, and an update that applies the same stack, put it right all the same.</p>
      <UntilField pointer="/until" value={until} onValue={setUntil} faults={faultsAt(action.error, '/until')} />
      <TextField label="Why" pointer="/reason" hint="Everybody who may see the cluster sees it." value={reason} onValue={setReason} faults={faultsAt(action.error, '/reason')} />
      <ProblemNotice error={action.error} />
      <div class="choices"><ActionButton action={action} kind="primary" submits>Leave it aside</ActionButton><button type="button" onClick={onClose}>Close</button></div>
    </form>
  </Dialog>;
}

/** Has the spec say that a finding is meant. */
function AcceptDialog({ cluster: { name, version }, finding: { id, resource, property, seen }, onClose }: { readonly cluster: Cluster; readonly finding: DriftFinding; readonly onClose: () => void }) {
  const { client } = useService();
  const [reason, setReason] = useState('');
  const action = useAction(async () => go(at.job((await client.updateCluster(name, { drift: { accepted: { [id]: { seen, reason: reason.trim() } } } }, { ifMatch: version })).job.id)));
  return <Dialog title="Accept it?" onClose={onClose}>
    <form noValidate onSubmit={(event) => {
      event.preventDefault();
      action.run();
    }}>
      <p><code>{resource}</code> {property !== null && <code>{property}</code>} stays as it is: {seen}. It is no drift as long as just that is seen, and repairs and updates leave it. The spec has it under <code>drift.accepted</code>.</p>
      <TextField label="Why" pointer="/reason" hint="Everybody who may see the cluster sees it." value={reason} onValue={setReason} faults={faultsAt(action.error, `/drift/accepted/${id.replaceAll('~', '~0').replaceAll('/', '~1')}/reason`)} />
      <ProblemNotice error={action.error} />
      <div class="choices"><ActionButton action={action} kind="primary" submits>Accept it</ActionButton><button type="button" onClick={onClose}>Close</button></div>
    </form>
  </Dialog>;
}
