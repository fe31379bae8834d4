import { createContext } from 'preact';
import { useContext } from 'preact/hooks';
import { ClusterwrightClient } from '../client/index.js';
import { openSession } from './sign-in/open.js';
import type { Session, SignInSettings } from './sign-in/session.js';

/** What the API says of itself before anybody has signed in: the answer of `GET /console/settings.json`. */
export interface ConsoleSettings {
  readonly version: string;
  readonly simulated: boolean;
  readonly signIn: { readonly kind: 'none' | 'unavailable' } | SignInSettings;
}

/** The service that the console is for, with who uses it. */
export interface Service {
  readonly client: ClusterwrightClient;
  readonly settings: ConsoleSettings;
  readonly session: Session;
}

/** Reads the settings and takes up the session, coming back from a sign-in included. Throws where the service does not answer. */
export async function openService(): Promise<Service> {
  const answer = await fetch('/console/settings.json');
  if (!answer.ok) throw new Error(`The service answered ${answer.status} when the console asked for its settings: reload the page later.`);
  const settings = await answer.json() as ConsoleSettings;
  const session = await openSession(settings.signIn);
  const client = new ClusterwrightClient({
    url: location.origin,
    token: () => session.token(),
    fetch: async (request) => {
      const response = await fetch(request);
      if (response.status === 401) session.lost('The service did not accept your sign-in any more.');
      return response;
    },
  });
  return { client, settings, session };
}

/** Hands the service down to everything that is shown. */
export const ServiceContext = createContext<Service | undefined>(undefined);

/** The service, for everything that the console shows. */
export function useService(): Service {
  const service = useContext(ServiceContext);
  if (service === undefined) throw new Error('this is shown outside the console');
  return service;
}
