import type { Socket } from 'node:net';

/** Hands on what comes in at either end to the other, and ends both when one breaks. */
export function joined(one: Socket, other: Socket): void {
  one.pipe(other).pipe(one);
  for (const [end, opposite] of [[one, other], [other, one]] as const) {
    end.on('error', () => opposite.destroy());
    end.on('close', () => opposite.destroy());
  }
}
