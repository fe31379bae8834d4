import { getCompoundEntityRef, type Entity } from '@backstage/catalog-model';
import { Link, Progress, ResponseErrorPanel, StatusError, StatusOK, StatusPending, StatusRunning, StatusWarning, StructuredMetadataTable } from '@backstage/core-components';
import { EntityInfoCard, useEntity } from '@backstage/plugin-catalog-react';
import type { ReactElement, ReactNode } from 'react';
import type { ClusterCard } from '../../clusterwright-backend/src/card/card';
import { useClusterCard } from './use-cluster-card';

/** The annotation that an entity is known by to stand for a cluster; the backend's entity provider writes it. */
export const clusterAnnotation = 'clusterwright.io/cluster';

/** Whether an entity stands for a cluster: for the `if` of an `EntitySwitch.Case`. */
export function isClusterwrightAvailable(entity: Entity): boolean {
  return entity.metadata.annotations?.[clusterAnnotation] !== undefined;
}

/** A card for an entity's page: the cluster's state, version, nodes and conditions, and its last job, kept up to date while something happens. */
export function EntityClusterwrightCard(): ReactElement {
  const { entity } = useEntity();
  const { card, error } = useClusterCard(getCompoundEntityRef(entity));
  return (
    <EntityInfoCard title="Kubernetes cluster" footerActions={card && <Link to={card.consoleUrl}>Open in the console</Link>}>
      {error !== undefined && <ResponseErrorPanel error={error} />}
      {card === undefined ? error === undefined && <Progress /> : <StructuredMetadataTable metadata={rows(card)} dense />}
    </EntityInfoCard>
  );
}

function rows({ cluster, job }: ClusterCard): Record<string, ReactNode> {
  return {
    State: <ClusterState state={cluster.state} simulated={cluster.simulated} />,
    Kubernetes: cluster.kubernetesVersion,
    Cloud: `${cluster.provider}, ${cluster.region}`,
    Nodes: `${cluster.nodes.controlPlane} control planes, ${cluster.nodes.workers} workers`,
    ...(cluster.endpoint === null ? {} : { 'API server': cluster.endpoint }),
    ...(cluster.conditions.length === 0 ? {} : { Conditions: <Conditions conditions={cluster.conditions} /> }),
    ...(job === null ? {} : { 'Last job': <LastJob job={job} /> }),
  };
}

function ClusterState({ state, simulated }: Pick<ClusterCard['cluster'], 'state' | 'simulated'>): ReactElement {
  const text = simulated ? `${state} (simulated)` : state;
  switch (state) {
    case 'ready': return <StatusOK>{text}</StatusOK>;
    case 'provisioning': case 'updating': case 'deleting': return <StatusRunning>{text}</StatusRunning>;
    case 'hibernated': return <StatusPending>{text}</StatusPending>;
    case 'failed': case 'needs-repair': return <StatusError>{text}</StatusError>;
  }
}

function Conditions({ conditions }: Pick<ClusterCard['cluster'], 'conditions'>): ReactElement {
  return (
    <>
      {conditions.map(({ type, status, message }) => {
        const text = status === 'True' && type !== 'DeletionIncomplete' ? type : `${type}: ${message}`;
        // What is wrong is wrong by being so, or by not being so.
        const good = status === 'Unknown' ? undefined : (status === 'True') !== (type === 'DeletionIncomplete');
        return <div key={type}>{good === undefined ? <StatusPending>{text}</StatusPending> : good ? <StatusOK>{text}</StatusOK> : <StatusWarning>{text}</StatusWarning>}</div>;
      })}
    </>
  );
}

function LastJob({ job }: { readonly job: NonNullable<ClusterCard['job']> }): ReactElement {
  const done = job.endedAt !== null;
  return (
    <>
      <div>{`${job.kind}: ${job.state}${done || job.phase === null ? '' : `, in the phase ${job.phase}`}`}</div>
      {!done && <progress aria-label={`Progress of the job ${job.kind}`} max={100} value={job.progress.percent}>{job.progress.percent} %</progress>}
      {job.error !== null && <div>{`${job.error.title} (${job.error.code}): ${job.error.detail} ${job.error.hint}`}</div>}
    </>
  );
}
