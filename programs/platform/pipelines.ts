import { ConfigMap } from '@pulumi/kubernetes/core/v1/configMap.js';
import { Namespace } from '@pulumi/kubernetes/core/v1/namespace.js';
import type { ClusterSpec } from '../../model/spec.js';
import type { PlatformContext } from './context.js';
import { podSecurityLabels } from './namespaces.js';
import { managedLabels } from './names.js';

/** Where the control planes look for the pipelines: their tasks/pipelines.sh names it. A namespace of its own, in which nobody has rights but who has them everywhere. */
export const pipelinesPlace = { namespace: 'clusterwright-access', name: 'pipelines', key: 'pipelines.json' } as const;

/** What a control plane has to know of the pipelines, as text. What each may do is in its binding. */
export function pipelinesDocument({ access }: Pick<ClusterSpec, 'access'>): string {
  return JSON.stringify(access.pipelines.map(({ name, issuer, audience, claims, certificateAuthority }) => ({ name, issuer, audience, claims, certificateAuthority })));
}

/**
 * Tells the control planes whose tokens to take beside those of Entra. Each looks once a minute, and has its API server read its file of authentication again: user data
 * reaches no machine that runs. What lies there is data; pipelines.jq on the machines makes users of it that are called `pipeline:NAME`, and nobody else.
 */
export function tellPipelines({ input: { spec }, options }: PlatformContext): void {
  if (spec.access.pipelines.length === 0) return;
  const { namespace: place, name, key } = pipelinesPlace;
  const namespace = new Namespace(`namespace-${place}`, { metadata: { name: place, labels: { ...managedLabels, ...podSecurityLabels('restricted', spec.kubernetesVersion) } } }, options);
  new ConfigMap('pipelines', { metadata: { name, namespace: namespace.metadata.name, labels: managedLabels }, data: { [key]: pipelinesDocument(spec) } }, options);
}
