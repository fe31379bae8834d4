import type { KubernetesVersion } from '../../model/spec.js';

/** An API that a later minor does not serve any more, and the minor in which that begins. */
export interface DeprecatedApi {
  readonly api: string;
  readonly removedIn: string;
}

/** What API servers tell of themselves that matters to an upgrade. */
export interface ServerFacts {
  /** APIs that somebody has used since the server started and that a later minor does not serve any more; undefined where no server tells anything. */
  readonly deprecated: readonly DeprecatedApi[] | undefined;
  /** Size of etcd's data, in bytes; undefined where the server does not tell. */
  readonly etcdBytes: number | undefined;
}

/** Reads the metrics of some API servers: what one of them saw counts. https://kubernetes.io/docs/reference/instrumentation/metrics/ */
export function factsIn(texts: readonly string[]): ServerFacts {
  const deprecated = new Map<string, string>();
  let etcdBytes: number | undefined;
  for (const line of texts.flatMap((text) => text.split('\n'))) {
    if (line.startsWith('apiserver_requested_deprecated_apis{')) {
      const label = (name: string): string => new RegExp(`[{,]${name}="([^"]*)"`).exec(line)?.[1] ?? '';
      if (label('removed_release') !== '') deprecated.set([label('group'), label('version'), label('resource')].filter((part) => part !== '').join('/'), label('removed_release'));
    }
    const bytes = /^apiserver_storage_size_bytes\S* (\S+)$/.exec(line)?.[1];
    if (bytes !== undefined) etcdBytes = Math.max(etcdBytes ?? 0, Number(bytes));
  }
  const silent = texts.every((text) => text.trim() === '');
  return { deprecated: silent ? undefined : [...deprecated].map(([api, removedIn]) => ({ api, removedIn })), etcdBytes };
}

/** Whether a minor of ours serves an API no more that is removed in this release. */
export function isRemoved(removedIn: string, version: KubernetesVersion): boolean {
  const number = (minor: string): number => Number(minor.split('.')[1] ?? Number.NaN);
  return number(removedIn) <= number(version);
}
