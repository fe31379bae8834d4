import pino from 'pino';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { Observer } from '../../../worker/observer.js';
import { someObservation } from '../../support/records.js';
import { readyCluster, storeSetting, type Setting } from '../store/setting.js';

let setting: Setting;
beforeAll(async () => { setting = await storeSetting(); });
afterAll(() => setting.end());

it('looks at what no other worker has just seen, and only at that', async () => {
  const { uid } = await readyCluster(setting.store, 'seen');
  await readyCluster(setting.store, 'unseen');
  const reason = async (name: string) => (await setting.store.getObservation(name))?.conditions[0]?.reason;
  const seen = (ago: number) => setting.store.observe('seen', uid, { ...someObservation(), conditions: [{ type: 'Reachable', status: 'True', reason: 'Seen', message: 'By another worker.', observedAt: new Date(Date.now() - ago).toISOString() }] });
  const account = (): never => { throw new Error('there is no account'); };
  const observer = new Observer({ store: setting.store, relay: { nudge: () => undefined }, log: pino({ level: 'silent' }), account });

  await seen(20_000);
  await observer.round();
  expect([await reason('seen'), await reason('unseen')]).toEqual(['Seen', 'Unreachable']);

  await seen(50_000);
  await observer.round();
  expect(await reason('seen')).toBe('Unreachable');
});

it('looks at a fleet little by little, and not at all of it at once', async () => {
  const names = Array.from({ length: 6 }, (_, index) => `one-of-many-${index}`);
  for (const name of names) await readyCluster(setting.store, name);
  const begun: number[] = [];
  const account = (): never => {
    begun.push(performance.now());
    throw new Error('there is no account');
  };
  const started = performance.now();
  await new Observer({ store: setting.store, relay: { nudge: () => undefined }, log: pino({ level: 'silent' }), account }).round();
  // Once for a look and its reports, which follow it at once.
  expect(begun).toHaveLength(names.length);
  expect((begun.at(-1) ?? 0) - started).toBeGreaterThan(500 * (names.length - 1));
});
