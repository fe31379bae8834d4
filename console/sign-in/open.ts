import { signal } from '@preact/signals';
import type { Session, SessionState, SignInSettings } from './session.js';

/** Takes up the session of this tab. */
export async function openSession(settings: { readonly kind: 'none' | 'unavailable' } | SignInSettings): Promise<Session> {
  switch (settings.kind) {
    case 'none': return without({ kind: 'open' });
    case 'unavailable': return without({ kind: 'signed-out', reason: 'This service asks for sign-in, but nobody has told it with which registration the console signs people in: CLUSTERWRIGHT_CONSOLE_CLIENT_ID is not set.' });
    // Loaded where somebody signs in only.
    case 'entra': return (await import('./entra.js')).openEntraSession(settings);
  }
}

function without(state: SessionState): Session {
  return { state: signal(state), token: async () => undefined, signIn: undefined, signOut: async () => undefined, lost: () => undefined };
}
