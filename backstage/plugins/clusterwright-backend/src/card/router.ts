import type { HttpAuthService } from '@backstage/backend-plugin-api';
import { ANNOTATION_ORIGIN_LOCATION, stringifyEntityRef, type Entity } from '@backstage/catalog-model';
import { NotFoundError } from '@backstage/errors';
import type { CatalogService } from '@backstage/plugin-catalog-node';
import { Problem, type ClusterwrightClient } from '@clusterwright/client';
import type { Router as ExpressRouter } from 'express';
import Router from 'express-promise-router';
import { clusterAnnotations } from '../annotations';
import { backstageError } from '../problems';
import type { Clusterwright } from '../service';
import { clusterLocation, consolePage, type Settings } from '../settings';
import type { ClusterCard } from './card';

/** What the routes work with. */
export interface CardGround extends Clusterwright {
  readonly catalog: CatalogService;
  readonly httpAuth: HttpAuthService;
}

/**
 * `GET /entities/NAMESPACE/KIND/NAME`: the cluster that an entity of the catalogue stands for, and its last job. Whoever may see the entity may see these; the
 * token for Clusterwright stays in the backend.
 */
export function cardRouter({ catalog, client, httpAuth, settings }: CardGround): ExpressRouter {
  const router = Router();
  router.get('/entities/:namespace/:kind/:name', async (request, response) => {
    const credentials = await httpAuth.credentials(request);
    const { namespace, kind, name } = request.params;
    const entity = await catalog.getEntityByRef({ namespace, kind, name }, { credentials });
    const cluster = clusterOf(entity, settings);
    if (cluster === undefined) throw new NotFoundError(`There is no entity ${stringifyEntityRef({ namespace, kind, name })} that Clusterwright's entity provider has made`);
    const card: ClusterCard = { ...(await readCluster(client, cluster).catch((error: unknown) => { throw backstageError(error); })), consoleUrl: consolePage(settings, cluster) };
    response.json(card);
  });
  return router;
}

/** An annotation alone says nothing: who may register an entity could write another team's cluster into it. */
function clusterOf(entity: Entity | undefined, settings: Settings): string | undefined {
  const { [clusterAnnotations.name]: cluster, [ANNOTATION_ORIGIN_LOCATION]: origin } = entity?.metadata.annotations ?? {};
  return cluster !== undefined && origin === clusterLocation(settings, cluster) ? cluster : undefined;
}

async function readCluster(client: ClusterwrightClient, name: string): Promise<Pick<ClusterCard, 'cluster' | 'job'>> {
  const { state, simulated, endpoint, nodes, conditions, spec, lastJob } = await client.cluster(name);
  const job = lastJob === null ? null : await client.job(lastJob.id).catch(noJob);
  return {
    cluster: { name, state, simulated, endpoint, nodes, conditions, kubernetesVersion: spec.kubernetesVersion, provider: spec.provider, region: spec.region },
    job: job && { id: job.id, kind: job.kind, state: job.state, phase: job.phase, progress: job.progress, createdAt: job.createdAt, endedAt: job.endedAt, error: job.error },
  };
}

/** Jobs are kept for a time only. */
function noJob(error: unknown): null {
  if (error instanceof Problem && error.status === 404) return null;
  throw error;
}
