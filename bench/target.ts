/** One measured figure and what it is held against. */
export interface Figure {
  readonly name: string;
  readonly value: number;
  readonly unit: string;
  /** Missing where the figure is told for its own sake. */
  readonly target?: { readonly atMost: number } | { readonly atLeast: number };
  /** How the figure came about, in a few words. */
  readonly basis: string;
}

/** A line of the report, e.g. `job time / bare engine: 0.93 × (target ≤ 1.25, met) …`. */
export function reportLine({ name, value, unit, target, basis }: Figure): string {
  const measured = `${name}: ${value.toFixed(2)} ${unit}`;
  if (target === undefined) return `${measured}; ${basis}`;
  const met = 'atMost' in target ? value <= target.atMost : value >= target.atLeast;
  const bound = 'atMost' in target ? `≤ ${target.atMost}` : `≥ ${target.atLeast}`;
  return `${measured} (target ${bound}, ${met ? 'met' : 'missed'}); ${basis}`;
}
