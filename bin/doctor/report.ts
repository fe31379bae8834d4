import type { Finding, Level } from '../checks/finding.js';

/** The findings as lines, the worst at the end so that they stand above the prompt; the last line counts. */
export function textReport(findings: readonly Finding[]): string {
  const rank: Record<Level, number> = { ok: 0, warn: 1, missing: 2 };
  const sorted = findings.toSorted((one, other) => rank[one.level] - rank[other.level]);
  const width = Math.max(...findings.map(({ about }) => about.length));
  const lines = sorted.map(({ about, level, text }) => `${level.padEnd(7)}  ${about.padEnd(width)}  ${text}`);
  const count = (level: Level): number => findings.filter((finding) => finding.level === level).length;
  return [...lines, '', `${count('ok')} ok, ${count('warn')} to know of, ${count('missing')} missing`].join('\n');
}

/** The same for programs. */
export function jsonReport(findings: readonly Finding[]): string {
  return JSON.stringify({ ready: isReady(findings), findings }, null, 2);
}

/** Whether the service works with what was found. */
export function isReady(findings: readonly Finding[]): boolean {
  return findings.every(({ level }) => level !== 'missing');
}
