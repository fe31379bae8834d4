import type { LoggerService, SchedulerServiceTaskRunner } from '@backstage/backend-plugin-api';
import type { EntityProvider, EntityProviderConnection } from '@backstage/plugin-catalog-node';
import type { Cluster } from '@clusterwright/client';
import type { Clusterwright } from '../service';
import { clusterEntity } from './entity';

/**
 * Keeps the catalogue's clusters as Clusterwright's: all of them are read, page by page, and then replace those that were there. While they cannot be read to the
 * last page, the catalogue keeps what it has.
 */
export class ClusterwrightEntityProvider implements EntityProvider {
  private connection: EntityProviderConnection | undefined;

  constructor(private readonly clusterwright: Clusterwright, private readonly schedule: SchedulerServiceTaskRunner, private readonly logger: LoggerService) {}

  getProviderName(): string {
    return 'clusterwright';
  }

  async connect(connection: EntityProviderConnection): Promise<void> {
    this.connection = connection;
    await this.schedule.run({ id: 'clusterwright-clusters', fn: (signal) => this.refresh(signal) });
  }

  /** Reads all clusters and hands them to the catalogue. Rejects where it could not, having changed nothing. */
  async refresh(signal?: AbortSignal): Promise<void> {
    if (this.connection === undefined) throw new Error('the catalogue has not connected the provider "clusterwright" yet');
    const clusters = await this.read(signal).catch((error: unknown) => {
      throw new Error(`The clusters in the catalogue stay as they are, since Clusterwright could not be read: ${error instanceof Error ? error.message : String(error)}`, { cause: error });
    });
    await this.connection.applyMutation({
      type: 'full',
      entities: clusters.map((cluster) => ({ entity: clusterEntity(cluster, this.clusterwright.settings), locationKey: this.getProviderName() })),
    });
    this.logger.debug(`${clusters.length} clusters are in the catalogue`);
  }

  private async read(signal?: AbortSignal): Promise<Cluster[]> {
    const clusters: Cluster[] = [];
    for await (const cluster of this.clusterwright.client.clusters({ limit: 200, signal })) clusters.push(cluster);
    return clusters;
  }
}
