import { State } from '../parts/state.js';
import { Table, type Column } from '../parts/table.js';
import { Until } from '../parts/time.js';
import type { DriftReport } from '../shapes.js';
import type { DriftRow } from './findings.js';

const columns: readonly Column<DriftRow>[] = [
  { title: 'What', cell: ({ id, finding }) => finding === undefined ? <><code>{id}</code> <span class="hint">not found any more</span></> : <><code>{finding.resource}</code>{finding.property !== null && <> <code>{finding.property}</code></>} <span class="hint">{finding.layer}</span></> },
  { title: 'Should be', cell: ({ finding }) => finding?.expected },
  { title: 'Is', cell: ({ finding }) => finding?.seen },
  { title: 'Right again by', cell: ({ finding }) => finding?.repair },
];

const aside: Column<DriftRow> = {
  title: 'Left aside', cell: ({ aside: left, accepted }) => accepted !== undefined ? <>accepted: {accepted}</> : left === undefined ? <span class="faint">no</span> : <>ends <Until at={left.until} />: {left.reason}<span class="hint"> said {left.by}</span></>,
};

/** What differs. @param more what a row can be told beside it, with whether it is left aside; without it only the findings */
export function DriftTable({ rows, more, empty }: { readonly rows: readonly DriftRow[]; readonly more?: Column<DriftRow>; readonly empty: string }) {
  return <Table caption="Drift" rows={rows} keyOf={({ id }) => id} empty={empty} columns={more === undefined ? columns : [...columns, aside, more]} />;
}

/** What could not be looked at: it is no drift, and nothing to rely on either. */
export function UncheckedTable({ unchecked }: Pick<DriftReport, 'unchecked'>) {
  if (unchecked.length === 0) return null;
  return <>
    <p><State tone="warn">{`${unchecked.length} not looked at`}</State></p>
    <Table caption="Not looked at" rows={unchecked} keyOf={({ layer, resource }) => `${layer} ${resource}`} empty="" columns={[
      { title: 'Not looked at', cell: ({ resource }) => <code>{resource}</code> },
      { title: 'Layer', cell: ({ layer }) => layer },
      { title: 'Why', cell: ({ reason }) => reason },
    ]} />
  </>;
}
