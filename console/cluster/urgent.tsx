import type { Cluster } from '../shapes.js';
import { windowsOf } from './standing.js';

/** Whether what can wait for a maintenance window is to be done now. Where there are no windows there is nothing to choose. */
export function UrgentChoice({ cluster: { spec }, urgent, onUrgent }: { readonly cluster: Cluster; readonly urgent: boolean; readonly onUrgent: (urgent: boolean) => void }) {
  const windows = windowsOf(spec);
  if (windows === undefined) return null;
  return <div>
    <p class="hint">Maintenance windows: {windows}.</p>
    <label class="check"><input type="checkbox" checked={urgent} onChange={(event) => onUrgent(event.currentTarget.checked)} /> Now, also outside the maintenance windows</label>
  </div>;
}
