import { once } from 'node:events';
import type { Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { Sandbox } from '../sandbox.js';
import { Artifacts } from './artifacts.js';
import { Directories } from './directories.js';
import type { Federation } from './federation.js';
import { SigningKeys } from './keys.js';
import { entraServer, Providers } from './server.js';
import { issueToken, type TokenRequest } from './tokens.js';

/** The stand-in for Microsoft Entra ID. */
export interface EntraPart {
  /** On loopback, by plain HTTP; `ENDPOINT/TENANT/v2.0` is a tenant. */
  readonly endpoint: string;
  /** Takes connections for `login.microsoftonline.com` from whoever ends TLS under that name: `services.emit('connection', socket)`. */
  readonly services: Server;
  readonly directories: Directories;
  readonly keys: SigningKeys;
  /** An access token without a sign-in. */
  issue(request: TokenRequest): Promise<string>;
  /** Resolves when all that was changed outlives a SIGKILL. */
  readonly settled: () => Promise<void>;
  close(): Promise<void>;
}

/** Starts it on a free port. Issuers are Entra's own, whichever way it is reached; the addresses in a discovery document are those by which it was. @param federation answers clients with an assertion */
export async function startEntra({ journal, clock }: Pick<Sandbox, 'journal' | 'clock'>, federation?: Federation): Promise<EntraPart> {
  const state = { directories: new Directories(journal), keys: new SigningKeys(journal, clock), artifacts: new Artifacts(journal) };
  const providers = new Providers(state);
  const services = entraServer(state, providers, federation).listen(0, '127.0.0.1');
  await once(services, 'listening');
  return {
    endpoint: `http://127.0.0.1:${(services.address() as AddressInfo).port}/entra`,
    services,
    directories: state.directories,
    keys: state.keys,
    issue: (request) => issueToken(providers, request),
    settled: () => journal.settled(),
    async close() {
      services.close();
      services.closeAllConnections();
      await Promise.resolve();
    },
  };
}
