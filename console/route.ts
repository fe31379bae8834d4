import { signal } from '@preact/signals';

/** What the console shows. Paths of the server are the API's, so the place stands behind the `#`. */
export type Route =
  | { readonly page: 'clusters'; readonly filter: Filter }
  | { readonly page: 'cluster'; readonly name: string; readonly part: ClusterPart }
  | { readonly page: 'expiries'; readonly filter: { readonly within: string } }
  | { readonly page: 'create' }
  | { readonly page: 'jobs' }
  | { readonly page: 'job'; readonly id: string }
  | { readonly page: 'nowhere' };

/** The parts of a cluster's page: what it is, and what is done with it while it lives. */
export type ClusterPart = 'overview' | 'upkeep';

/** Which clusters are listed: every field may be left out. */
export interface Filter {
  readonly provider?: string;
  readonly state?: string;
  readonly owner?: string;
}

/** The route that an address names. @param hash with its `#` */
export function routeOf(hash: string): Route {
  const [path = '', search = ''] = hash.replace(/^#/, '').split('?', 2);
  const [first = '', second, third, ...more] = path.split('/').filter((part) => part !== '').map(decoded);
  if (first === 'clusters' && second !== undefined && more.length === 0 && (third === undefined || third === 'upkeep')) return { page: 'cluster', name: second, part: third ?? 'overview' };
  if (third !== undefined) return { page: 'nowhere' };
  if (first === 'expiries' && second === undefined) {
    const within = new URLSearchParams(search).get('within');
    return { page: 'expiries', filter: { within: withinDays.find((one) => one === within) ?? '60d' } };
  }
  if (first === 'create' && second === undefined) return { page: 'create' };
  if (first === 'jobs') return second === undefined ? { page: 'jobs' } : { page: 'job', id: second };
  if ((first === '' || first === 'clusters') && second === undefined) return { page: 'clusters', filter: filterOf(new URLSearchParams(search)) };
  return { page: 'nowhere' };
}

/** Within how many days something may end to be listed; empty for any. */
export const withinDays: readonly string[] = ['14d', '30d', '60d', ''];

/** Addresses of the pages. */
export const at = {
  clusters: (filter: Filter = {}): string => {
    const search = new URLSearchParams(Object.entries(filter).filter(([, value]) => value !== undefined && value !== '')).toString();
    return `#/clusters${search === '' ? '' : `?${search}`}`;
  },
  cluster: (name: string): string => `#/clusters/${encodeURIComponent(name)}`,
  upkeep: (name: string): string => `#/clusters/${encodeURIComponent(name)}/upkeep`,
  expiries: (within = '60d'): string => `#/expiries?within=${within}`,
  create: '#/create',
  jobs: '#/jobs',
  job: (id: string): string => `#/jobs/${encodeURIComponent(id)}`,
};

/** Where the console is. */
export const route = signal(routeOf(location.hash));

/** Goes where the address says; to be called when it was changed without a `hashchange`. */
export function arrive(): void {
  route.value = routeOf(location.hash);
}

addEventListener('hashchange', arrive);

/** Goes to an address of {@link at}. */
export function go(address: string): void {
  location.hash = address;
}

function filterOf(search: URLSearchParams): Filter {
  return Object.fromEntries(['provider', 'state', 'owner'].flatMap((name) => {
    const value = search.get(name);
    return value === null || value === '' ? [] : [[name, value]];
  }));
}

function decoded(part: string): string {
  try {
    return decodeURIComponent(part);
  } catch {
    return part;
  }
}
