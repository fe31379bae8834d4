import { Choice } from '../parts/field.js';
import type { Cluster } from '../shapes.js';
import { windowsOf } from './standing.js';

/** When something is begun that can wait for a maintenance window. */
export type Beginning = 'window' | 'now';

/** What asks the API for it. Without windows both begin at once. */
export const beginningQuery = { window: { when: 'window' }, now: { urgent: true } } as const satisfies Readonly<Record<Beginning, object>>;

/** Whether it waits for a window. Where there are none there is nothing to choose. */
export function WindowChoice({ cluster: { spec }, value, onValue }: { readonly cluster: Cluster; readonly value: Beginning; readonly onValue: (value: Beginning) => void }) {
  const windows = windowsOf(spec);
  if (windows === undefined) return null;
  return <Choice label="When" name="beginning" value={value} onValue={(chosen) => onValue(chosen === 'now' ? 'now' : 'window')} options={[
    { key: 'window', title: 'In a maintenance window', text: `At once where one is open, else when the next one opens: ${windows}.` },
    { key: 'now', title: 'Now', text: 'Also outside the maintenance windows.' },
  ]} />;
}
