const secondsIn = { s: 1, m: 60, h: 3600, d: 86_400 } as const;

/** Milliseconds of a duration such as `90m`, `1h30m` or `45s`; undefined where it is none. */
export function parseDuration(text: string): number | undefined {
  if (!/^([0-9]+[smhd])+$/.test(text)) return undefined;
  const parts = [...text.matchAll(/([0-9]+)([smhd])/g)];
  return 1000 * parts.reduce((total, [, count, unit]) => total + Number(count) * secondsIn[unit as keyof typeof secondsIn], 0);
}

/** A duration in its two greatest units, such as `1 min 4 s` or `3 d 2 h`. What is less than a second does not count: time left is never more than there is. */
export function formatDuration(milliseconds: number): string {
  const seconds = Math.max(0, Math.floor(milliseconds / 1000));
  const units: readonly (readonly [number, string])[] = [[Math.floor(seconds / 86_400), 'd'], [Math.floor(seconds / 3600) % 24, 'h'], [Math.floor(seconds / 60) % 60, 'min'], [seconds % 60, 's']];
  const first = units.findIndex(([count]) => count > 0);
  return first === -1 ? '0 s' : units.slice(first, first + 2).filter(([count]) => count > 0).map(([count, unit]) => `${count} ${unit}`).join(' ');
}
