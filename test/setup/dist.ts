import { buildDist } from '../../tools/setup/build.mjs';

/** Processes that tests start run from dist/, so it has to be today's; also when vitest was called directly. */
export async function setup(): Promise<void> {
  await buildDist();
}
