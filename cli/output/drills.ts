import type { Drill } from '../../client/index.js';
import { columns } from './table.js';

const seconds = (value: number | null | undefined): string => (value === null || value === undefined ? '' : `${value} s`);

/** What a drill came to, in a word. */
function resultOf({ state }: Drill): string {
  switch (state) {
    case 'succeeded': return 'passed';
    case 'failed': case 'cancelled': return state;
    case 'queued': case 'running': case 'cancelling': return 'under way';
  }
}

/** What was wrong; empty where nothing is known to be. */
function faultsOf({ report, error }: Drill): readonly string[] {
  return report?.faults ?? (error === null ? [] : [error.detail]);
}

function cells(drill: Drill): string[] {
  const { requestedAt, of, report } = drill;
  const objects = report?.finding?.objects ?? report?.comparison?.objects;
  return [requestedAt, of, report?.backup?.id ?? '', seconds(report?.rpoSeconds), seconds(report?.rtoSeconds), String(objects?.found ?? ''), resultOf(drill), faultsOf(drill).join(' ')];
}

const titles = ['time', 'of', 'backup', 'rpo', 'rto', 'objects', 'result', 'faults'];

/** Drills as a table. */
export function drillList(drills: readonly Drill[]): string {
  return columns(titles, drills.map(cells));
}

/** Drills as a page of Markdown, for who has to show that backups are tried. Ends with a line break. */
export function drillReport(name: string, drills: readonly Drill[], now: Date): string {
  const ended = drills.filter(({ state }) => state === 'succeeded' || state === 'failed');
  const counted = (what: Drill['of'], called: string): string => {
    const own = ended.filter(({ of }) => of === what);
    const passed = own.filter(({ state }) => state === 'succeeded');
    const worst = (of: 'rpoSeconds' | 'rtoSeconds'): string => seconds(Math.max(...passed.map(({ report }) => report?.[of] ?? 0)));
    return `${own.length} ${called}, of which ${passed.length} have passed${passed.length === 0 ? '' : `, with an RPO of at most ${worst('rpoSeconds')} and an RTO of at most ${worst('rtoSeconds')}`}`;
  };
  const row = (columnsOf: readonly string[]): string => `| ${columnsOf.map((cell) => cell.replaceAll('|', '\\|').replaceAll('\n', ' ')).join(' | ')} |`;
  return [
    `# Restore drills of ${name}`, '',
    `In the twelve months until ${now.toISOString().slice(0, 10)}: ${counted('etcd', 'drills of etcd')}; ${counted('cluster', 'drills of the whole cluster')}.`, '',
    row(titles), row(titles.map(() => '---')), ...drills.map((drill) => row(cells(drill))), '',
  ].join('\n');
}
