/** Rows below a heading, in columns. */
export function columns(heading: readonly string[], rows: readonly (readonly string[])[]): string {
  return aligned([heading.map((title) => title.toUpperCase()), ...rows]).join('\n');
}

/** Rows of name and value; names that repeat are shown once. */
export function properties(rows: readonly (readonly [string, string])[]): string {
  return aligned(rows.map(([name, value], index) => [rows[index - 1]?.[0] === name ? '' : name, value])).join('\n');
}

function aligned(rows: readonly (readonly string[])[]): string[] {
  const widths = rows.reduce<number[]>((widest, row) => row.map((cell, column) => Math.max(widest[column] ?? 0, cell.length)), []);
  return rows.map((row) => row.map((cell, column) => cell.padEnd(widths[column] ?? 0)).join('  ').trimEnd());
}
