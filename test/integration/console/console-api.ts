import path from 'node:path';
import type { ConsoleSettings } from '../../../api/index.js';
import { packageRoot } from '../../../worker/package-root.js';
import { startApi, type RunningApi } from '../api/harness.js';

/** An API that serves the console as the build has made it; the test plays the worker. */
export function startConsoleApi(settings: Partial<ConsoleSettings> = {}): Promise<RunningApi> {
  return startApi({ console: { folder: path.join(packageRoot(), 'dist/console'), settings: { version: '0.0.0', simulated: true, signIn: { kind: 'none' }, ...settings } } });
}
