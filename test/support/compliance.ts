import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('../../', import.meta.url));

/** A row of docs/compliance.md. */
export interface ComplianceRow {
  /** Number in the benchmark; undefined for what goes beyond it. */
  readonly control: string | undefined;
  readonly asksFor: string;
  /** The text that meets it, or a sentence that says why there is none. */
  readonly metBy: string;
  readonly where: string;
}

/** What a row's file and line hold. */
export interface Evidence {
  readonly setting: string;
  readonly file: string;
  readonly line: number;
  readonly found: string;
}

/** The rows of docs/compliance.md that point at files and lines: those before the part about frameworks. */
export function complianceRows(): ComplianceRow[] {
  const [held = ''] = readFileSync(`${root}docs/compliance.md`, 'utf8').split('\n## The template ');
  return held.split('\n').filter((line) => line.startsWith('| ') && !/^\| (control|asks for|---)/.test(line)).map((line) => {
    const cells = line.slice(2, -2).split(' | ');
    const [control, asksFor = '', metBy = '', where = ''] = cells.length === 4 ? cells : [undefined, ...cells];
    return { control, asksFor, metBy, where };
  });
}

/** The line that a row points at; undefined where it points at none. */
export function evidenceOf({ metBy, where }: ComplianceRow): Evidence | undefined {
  const [, file = '', line = ''] = /^\[[^\]]+\]\(\.\.\/(.+)#L(\d+)\)$/.exec(where) ?? [];
  if (file === '') return undefined;
  return { setting: unquoted(metBy), file, line: Number(line), found: readFileSync(root + file, 'utf8').split('\n')[Number(line) - 1] ?? '' };
}

/** What a row says of a static pod that kubeadm writes: the flag, and whether it must be there. */
export function staticPodEvidence({ metBy, where }: ComplianceRow): { pod: string; flag: string; present: boolean } | undefined {
  const pod = /^kubeadm: (.+)$/.exec(where)?.[1];
  if (pod === undefined) return undefined;
  const flag = unquoted(metBy);
  return { pod, flag: flag.replace(/^no /, ''), present: !flag.startsWith('no ') };
}

const unquoted = (text: string): string => /^`(.+)`$/.exec(text)?.[1] ?? text;
