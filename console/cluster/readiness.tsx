import { State, type Tone } from '../parts/state.js';
import { Table } from '../parts/table.js';
import type { ReadinessCheck } from '../shapes.js';

const tones: Readonly<Record<ReadinessCheck['state'], Tone>> = { ok: 'good', warn: 'warn', stop: 'bad' };

/** What was looked at before an upgrade, and what came of it. */
export function ReadinessTable({ checks, empty }: { readonly checks: readonly ReadinessCheck[]; readonly empty: string }) {
  return <Table caption="Readiness for an upgrade" rows={checks} keyOf={({ check }) => check} empty={empty} columns={[
    { title: 'Check', cell: ({ check }) => check },
    { title: 'State', cell: ({ state }) => <State tone={tones[state]}>{state}</State> },
    { title: 'Found', cell: ({ detail, hint }) => <>{detail}{hint !== null && <span class="hint"> {hint}</span>}</> },
  ]} />;
}
