import type { ClusterFilter, ListedCluster } from '../store/contract.js';
import type { Store } from '../store/store.js';

const pageSize = 200;

/** All clusters that a filter lets through, page by page. */
export async function* clusterPages(store: Pick<Store, 'listClusters'>, filter: ClusterFilter): AsyncGenerator<readonly ListedCluster[]> {
  let cursor: string | undefined;
  do {
    const page = await store.listClusters(filter, { limit: pageSize, ...(cursor === undefined ? {} : { cursor }) });
    yield page.items;
    cursor = page.nextCursor ?? undefined;
  } while (cursor !== undefined);
}
