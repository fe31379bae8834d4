import type { ReadonlySignal } from '@preact/signals';

/** How one signs in, as the service says it. */
export interface SignInSettings {
  readonly kind: 'entra';
  /** Where Entra ID answers. */
  readonly authority: string;
  /** Who its tokens must name. */
  readonly issuer: string;
  readonly tenantId: string;
  readonly clientId: string;
  /** The permission of the service that is asked for. */
  readonly scope: string;
}

/** Whether somebody is signed in. `open`: nobody has to be. */
export type SessionState =
  | { readonly kind: 'open' }
  | { readonly kind: 'signed-in'; readonly name: string }
  | { readonly kind: 'signed-out'; readonly reason: string | undefined };

/** Who uses the console. */
export interface Session {
  readonly state: ReadonlySignal<SessionState>;
  /** A token that is good now, or none where nobody is signed in or has to be. */
  token(): Promise<string | undefined>;
  /** Leaves the page to sign in, and comes back. Undefined where that is not possible. */
  readonly signIn: (() => Promise<void>) | undefined;
  signOut(): Promise<void>;
  /** The service does not take the token any more. */
  lost(reason: string): void;
}
