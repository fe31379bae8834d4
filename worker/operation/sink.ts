import type { EventSink } from '../engine/events.js';
import type { OperationContext } from './context.js';

/** Passes what the engine tells on to the worker. */
export function sinkOf(context: Pick<OperationContext, 'report'>): EventSink {
  return {
    event: (event) => context.report({ type: 'event', event }),
    progress: (done, total) => context.report({ type: 'progress', done, total }),
  };
}

/** A phase's earlier phase must have filled this field: the phases of a job always run in order. */
export function filled<T>(value: T | undefined, what: string): T {
  if (value === undefined) throw new Error(`no earlier phase has filled in ${what}`);
  return value;
}
