import { setTimeout as wait } from 'node:timers/promises';

/** Waits for a condition. Throws where it has not come true within `ms` milliseconds. */
export async function until(condition: () => boolean | Promise<boolean>, ms = 15_000): Promise<void> {
  for (const deadline = Date.now() + ms; Date.now() < deadline; await wait(50)) if (await condition()) return;
  if (!(await condition())) throw new Error(`the condition did not come true within ${ms} ms: ${condition.toString()}`);
}
