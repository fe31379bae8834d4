import type { CompoundEntityRef } from '@backstage/catalog-model';
import { discoveryApiRef, fetchApiRef, useApi } from '@backstage/frontend-plugin-api';
import { useEffect, useState } from 'react';
import type { ClusterCard } from '../../clusterwright-backend/src/card/card';

/** How often the card asks, in milliseconds: while a job runs, and else. */
const busyMs = 5_000;
const idleMs = 60_000;

/** The cluster that an entity stands for, read from Backstage's backend again and again. An error is that of the last try; what was read before stays. */
export function useClusterCard({ namespace, kind, name }: CompoundEntityRef): { readonly card?: ClusterCard; readonly error?: Error } {
  const discovery = useApi(discoveryApiRef);
  const { fetch } = useApi(fetchApiRef);
  const [read, setRead] = useState<{ card?: ClusterCard; error?: Error }>({});
  useEffect(() => {
    const ended = new AbortController();
    let timer: ReturnType<typeof setTimeout> | undefined;
    const ask = async (): Promise<ClusterCard> => {
      const path = [namespace, kind, name].map(encodeURIComponent).join('/');
      const response = await fetch(`${await discovery.getBaseUrl('clusterwright')}/entities/${path}`, { signal: ended.signal });
      if (!response.ok) throw new Error(await reasonOf(response));
      return await response.json() as ClusterCard;
    };
    const refresh = async (): Promise<void> => {
      let waitMs = idleMs;
      try {
        const card = await ask();
        if (!ended.signal.aborted) setRead({ card });
        if (card.job !== null && card.job.endedAt === null) waitMs = busyMs;
      } catch (error) {
        if (!ended.signal.aborted) setRead(({ card }) => ({ card, error: error instanceof Error ? error : new Error(String(error)) }));
      }
      if (!ended.signal.aborted) timer = setTimeout(() => void refresh(), waitMs);
    };
    void refresh();
    return () => {
      ended.abort();
      clearTimeout(timer);
    };
  }, [discovery, fetch, namespace, kind, name]);
  return read;
}

/** What Backstage's backend said, which tells errors as `{error: {message}}`. */
async function reasonOf(response: Response): Promise<string> {
  const body: unknown = await response.json().catch(() => undefined);
  const told = typeof body === 'object' && body !== null && 'error' in body && typeof body.error === 'object' && body.error !== null && 'message' in body.error ? body.error.message : undefined;
  return typeof told === 'string' ? told : `Backstage answered ${response.status} ${response.statusText}`;
}
