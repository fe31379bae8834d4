import { writeFile } from 'node:fs/promises';
import { setPriority } from 'node:os';

/**
 * How far a worker steps back behind what answers callers, an API and a Redis on the same machine, as a niceness: it looks at clusters while nobody waits for it. No further, for it has leases to renew. Its
 * operations step back further (`worker/operation/guard.sh`).
 */
export const workerNiceness = 5;

/** How far the sandbox steps back: on a small machine it would take the time that answers need. */
export const sandboxNiceness = 10;

/** Has this worker step back behind the processes of its session. */
export function stepBack(): void {
  setPriority(workerNiceness);
}

/** Has a process that leads a session of its own step back behind other sessions, where Linux shares the processor out by session: niceness counts within one only there. Elsewhere nothing happens. */
export async function stepSessionBack(pid: number | undefined, niceness: number): Promise<void> {
  if (pid !== undefined) await writeFile(`/proc/${pid}/autogroup`, String(niceness)).catch(() => undefined);
}
