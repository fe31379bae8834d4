import type { ComponentChildren } from 'preact';

/** A column: its heading, and what a row has there. The first column names the row. */
export interface Column<Row> {
  readonly title: string;
  readonly cell: (row: Row) => ComponentChildren;
}

/**
 * A table that turns into a list of cards where it has no room. Roles are given in so many words, since a browser takes them away from what is no
 * table to the eye.
 */
export function Table<Row>({ caption, columns, rows, keyOf, empty }: {
  readonly caption: string; readonly columns: readonly Column<Row>[]; readonly rows: readonly Row[]; readonly keyOf: (row: Row) => string; readonly empty: ComponentChildren;
}) {
  if (rows.length === 0) return <p class="empty">{empty}</p>;
  return <table role="table">
    <caption class="unseen">{caption}</caption>
    <thead role="rowgroup"><tr role="row">{columns.map(({ title }) => <th key={title} role="columnheader" scope="col">{title}</th>)}</tr></thead>
    <tbody role="rowgroup">{rows.map((row) => <tr key={keyOf(row)} role="row">
      {columns.map(({ title, cell }, index) => index === 0
        ? <th key={title} role="rowheader" scope="row" data-title={title}><div>{cell(row)}</div></th>
        : <td key={title} role="cell" data-title={title}><div>{cell(row)}</div></td>)}
    </tr>)}</tbody>
  </table>;
}
