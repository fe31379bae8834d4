import { ANNOTATION_LOCATION, ANNOTATION_ORIGIN_LOCATION, parseEntityRef, stringifyEntityRef, type Entity, type EntityLink, type ResourceEntity } from '@backstage/catalog-model';
import type { Cluster } from '@clusterwright/client';
import { clusterAnnotations } from '../annotations';
import { ownerEntity, unowned } from '../owners';
import { clusterLocation, consolePage, type Settings } from '../settings';

/** Labels of a cluster that place it in the catalogue. */
const placing = { system: 'system', component: 'component' } as const;

/** A cluster as the catalogue knows it: a Resource with owner, links and relations. Cluster names are valid names of entities. */
export function clusterEntity(cluster: Cluster, settings: Settings): ResourceEntity & Entity {
  const { spec } = cluster;
  const location = clusterLocation(settings, cluster.name);
  // A label may be empty.
  const system = spec.labels?.[placing.system] || settings.system;
  const component = spec.labels?.[placing.component] || undefined;
  return {
    apiVersion: 'backstage.io/v1alpha1',
    kind: 'Resource',
    metadata: {
      name: cluster.name,
      namespace: 'default',
      description: `Kubernetes ${spec.kubernetesVersion} on ${spec.provider} in ${spec.region}: control planes ${cluster.nodes.controlPlane}, workers ${cluster.nodes.workers}${cluster.simulated ? '; simulated' : ''}`,
      annotations: {
        [ANNOTATION_LOCATION]: location,
        [ANNOTATION_ORIGIN_LOCATION]: location,
        [clusterAnnotations.name]: cluster.name,
        [clusterAnnotations.uid]: cluster.uid,
        [clusterAnnotations.provider]: spec.provider,
        [clusterAnnotations.region]: spec.region,
        [clusterAnnotations.kubernetesVersion]: spec.kubernetesVersion,
        [clusterAnnotations.state]: cluster.state,
        [clusterAnnotations.simulated]: String(cluster.simulated),
      },
      tags: ['kubernetes', spec.provider, spec.region, spec.template, cluster.simulated ? 'simulated' : null].filter(isTag),
      links: links(cluster, settings),
    },
    spec: {
      type: 'kubernetes-cluster',
      owner: ownerEntity(spec.owner ?? unowned, settings.owners),
      ...(system === undefined ? {} : { system: ref(system, 'system') }),
      ...(component === undefined ? {} : { dependencyOf: [ref(component, 'component')] }),
    },
  };
}

function links(cluster: Cluster, settings: Settings): EntityLink[] {
  return [
    { url: consolePage(settings, cluster.name), title: 'Console', icon: 'dashboard' },
    // With sign-in a browser that follows a link has no token for the API: the console has the kubeconfig then.
    ...(settings.entra === undefined ? [{ url: `${settings.baseUrl}${cluster.links.kubeconfig}`, title: 'kubeconfig', icon: 'cloud' }] : []),
    ...cluster.addons.flatMap(({ name, url }) => (url === null ? [] : [{ url, title: name }])),
  ];
}

/** A reference in full, of what a label or a setting names. */
function ref(given: string, kind: string): string {
  return stringifyEntityRef(parseEntityRef(given, { defaultKind: kind, defaultNamespace: 'default' }));
}

/** https://backstage.io/docs/features/software-catalog/descriptor-format#tags-optional */
function isTag(tag: string | null | undefined): tag is string {
  return typeof tag === 'string' && tag.length <= 63 && /^[a-z0-9+#]+(-[a-z0-9+#]+)*$/.test(tag);
}
