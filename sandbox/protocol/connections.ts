import { setMaxListeners } from 'node:events';
import type { ProviderSession } from './provider.js';
import type { CallContext } from './unary.js';

/** What one engine's connection has told so far. */
export interface Connection {
  session: ProviderSession | undefined;
  /** Aborted by the engine's Cancel; it stops this connection's waits only. */
  readonly cancellation: AbortController;
}

/**
 * The connections of a provider. The engine dials anew for every provider instance of every operation, so the peer
 * address tells instances apart; the protocol itself names no instance in its calls.
 */
export class Connections {
  readonly #byPeer = new Map<string, Connection>();

  /** A new engine attached: forgets what an earlier owner of the same local port said. */
  open(peer: string): Connection {
    const connection = { session: undefined, cancellation: new AbortController() };
    // Every request that waits listens: as many as the engine has under way.
    setMaxListeners(0, connection.cancellation.signal);
    this.#byPeer.set(peer, connection);
    return connection;
  }

  of(peer: string): Connection {
    return this.#byPeer.get(peer) ?? this.open(peer);
  }

  /** The configured session of a call's peer, and the signal that ends the work on this call: the operation was cancelled, or the engine died. */
  session({ peer, gone }: Pick<CallContext, 'peer' | 'gone'>): { session: ProviderSession; signal: AbortSignal } {
    const { session, cancellation } = this.of(peer);
    if (session === undefined) throw new Error('the provider was called before it was configured');
    const signal = AbortSignal.any([cancellation.signal, gone]);
    setMaxListeners(0, signal);
    return { session, signal };
  }

  /** Ends every wait, for the shutdown of the process. */
  abortAll(): void {
    for (const { cancellation } of this.#byPeer.values()) cancellation.abort(new Error('the sandbox is stopping'));
  }
}
