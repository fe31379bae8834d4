import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { z } from 'zod';
import type { Console } from '../api/index.js';
import type { Settings } from '../model/settings.js';
import { packageRoot } from '../worker/package-root.js';

/** The console as the build has made it, with what its pages have to know of this service. */
export async function openConsole({ cloud, http: { entra, consoleSignIn } }: Pick<Settings, 'cloud' | 'http'>): Promise<Console> {
  const { version } = z.object({ version: z.string() }).parse(JSON.parse(await readFile(path.join(packageRoot(), 'package.json'), 'utf8')));
  return {
    folder: path.join(packageRoot(), 'dist/console'),
    settings: {
      version,
      simulated: cloud === 'sandbox',
      signIn: entra === undefined ? { kind: 'none' } : consoleSignIn === undefined ? { kind: 'unavailable' } : {
        kind: 'entra', authority: entra.authority, issuer: entra.issuer, tenantId: entra.tenantId, ...consoleSignIn,
      },
    },
  };
}
