import { Link } from '../parts/link.js';
import { Section } from '../parts/page.js';
import { State } from '../parts/state.js';
import { Table } from '../parts/table.js';
import { at } from '../route.js';
import type { Job, Receipt } from '../shapes.js';

/** The proof of a deletion: what was looked for, what is left, what was kept. */
export function ReceiptView({ receipt }: { readonly receipt: Receipt }) {
  const { checked, leftovers, retained, at } = receipt;
  return <div class="receipt">
    <p>{leftovers.length === 0 ? <State tone="good">Nothing is left</State> : <State tone="bad">{`${leftovers.length} left over`}</State>} <span class="faint">{checked.length} kinds of resources were looked for on <time dateTime={at}>{at}</time></span></p>
    {leftovers.length > 0 && <Table caption="Left over" rows={leftovers} keyOf={({ id }) => id} empty="" columns={[
      { title: 'Left over', cell: ({ id }) => <code>{id}</code> }, { title: 'Kind', cell: ({ kind }) => <code>{kind}</code> }, { title: 'Region', cell: ({ region }) => region }, { title: 'Why', cell: ({ reason }) => reason },
    ]} />}
    {retained.length > 0 && <Table caption="Kept" rows={retained} keyOf={({ id }) => id} empty="" columns={[
      { title: 'Kept', cell: ({ id }) => <code>{id}</code> }, { title: 'Kind', cell: ({ kind }) => <code>{kind}</code> }, { title: 'Why', cell: ({ reason }) => reason },
      { title: 'Until', cell: ({ until }) => until === null ? <span class="faint">you delete it</span> : <time dateTime={until}>{until.slice(0, 10)}</time> },
    ]} />}
    <details><summary>What was looked for</summary><ul class="kinds">{checked.map(({ kind, count }) => <li key={kind}><code>{kind}</code> <span class="faint">{count} found</span></li>)}</ul></details>
  </div>;
}

/** Receipts of deletions of a name: of a cluster that is gone, or of earlier ones. */
export function Receipts({ jobs }: { readonly jobs: readonly Job[] }) {
  const deletions = jobs.filter(({ receipt }) => receipt !== undefined && receipt !== null);
  if (deletions.length === 0) return null;
  return <Section title="Receipts of deletions">{deletions.map(({ id, receipt }) => receipt && <div key={id}><p><Link to={at.job(id)}>Deletion of {receipt.at.slice(0, 10)}</Link></p><ReceiptView receipt={receipt} /></div>)}</Section>;
}
