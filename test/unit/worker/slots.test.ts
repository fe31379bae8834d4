import { describe, expect, it } from 'vitest';
import { Slots } from '../../../worker/slots.js';

const open = new AbortController().signal;

/** Slots with what their consumer was last held to. */
function slotsOf(size: number): { slots: Slots; held: () => number } {
  let atOnce = size;
  return { slots: new Slots(size, (limit) => (atOnce = limit)), held: () => atOnce };
}

/** Whether a promise has settled by now. */
async function settled(promise: Promise<unknown>): Promise<boolean> {
  return Promise.race([promise.then(() => true), new Promise<boolean>((resolve) => setImmediate(() => resolve(false)))]);
}

describe('a worker\'s slots', () => {
  it('hold the consumer to what jobs from outside the queue leave, down to one', () => {
    const { slots, held } = slotsOf(3);
    expect(slots.takeOutside()).toBe(true);
    expect(held()).toBe(2);
    expect([slots.takeOutside(), slots.takeOutside(), slots.takeOutside()]).toEqual([true, true, false]);
    expect(held()).toBe(1);
    slots.free(true);
    slots.free(true);
    expect(held()).toBe(2);
  });

  it('let a job out of the queue wait where none is free', async () => {
    const { slots } = slotsOf(1);
    slots.takeOutside();
    const waiting = slots.take(open);
    expect(await settled(waiting)).toBe(false);
    slots.free(true);
    expect(await waiting).toBe(true);
    expect(slots.taken).toBe(1);
  });

  it('are kept for jobs that lost their worker, before those that have not begun', async () => {
    const { slots, held } = slotsOf(1);
    expect(await slots.take(open)).toBe(true);
    slots.want(1);
    const next = slots.take(open);
    slots.free(false);
    expect(await settled(next)).toBe(false);
    expect(held()).toBe(1);
    expect(slots.takeOutside()).toBe(true);
    slots.want(0);
    slots.free(true);
    expect(await next).toBe(true);
  });

  it('are not waited for by a worker that stops', async () => {
    const { slots } = slotsOf(1);
    const stopping = new AbortController();
    slots.takeOutside();
    const waiting = slots.take(stopping.signal);
    stopping.abort();
    expect(await waiting).toBe(false);
    expect(await slots.take(stopping.signal)).toBe(false);
  });
});
