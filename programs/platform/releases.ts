import type * as pulumi from '@pulumi/pulumi';
import type { Namespace } from '@pulumi/kubernetes/core/v1/namespace.js';
import { Release } from '@pulumi/kubernetes/helm/v3/release.js';
import type { AddonNamespace } from '../../model/platform.js';
import { fenceAddons } from './addon-policies.js';
import { chartsOf, networkReleases, type AddonName } from './charts.js';
import type { PlatformContext } from './context.js';
import { letProbesIn, meshNamespace } from './mesh.js';
import { valuesOf } from './values/index.js';

/** An add-on as the stack's output lists it: known once its release is ready. */
export interface AddonOutput {
  readonly name: pulumi.Output<string>;
  readonly chart: string;
  readonly version: string;
  readonly namespace: string;
}

/** What releases stand on. */
export interface ReleaseGround {
  readonly namespaces: ReadonlyMap<AddonNamespace, Namespace>;
  /** What an add-on stands on beside other releases, such as what it reads its configuration from. */
  readonly configs: ReadonlyMap<AddonName, pulumi.Resource>;
  /** Storage classes that claims of the add-ons name. */
  readonly classes: readonly pulumi.Resource[];
  /** Settles when every node has joined. A release waits for all that it runs to be ready, and most need nodes for that. */
  readonly nodesJoined: Promise<void>;
}

/** What came of the releases. */
export interface Releases {
  readonly addons: AddonOutput[];
  /** The release of the pod network, which brings the kinds of its policies. */
  readonly network: Release | undefined;
  /** The release of Gatekeeper, which brings the kind of what policies are made of. */
  readonly gatekeeper: Release | undefined;
  /** The release of the mesh's control plane. */
  readonly mesh: Release | undefined;
  /** The release that brings the kinds of Rancher's backups. */
  readonly rancherBackup: Release | undefined;
  /** The release that brings the kinds of snapshots. */
  readonly snapshots: Release | undefined;
}

/**
 * Installs the charts that the spec asks for, each after those that it needs and after the pod network, and fences their namespaces as soon as the network's release has brought what that takes. A release is all or nothing: Helm waits until everything is ready, and
 * rolls back what is not in time.
 */
export function installCharts(context: PlatformContext, { namespaces, configs, classes, nodesJoined }: ReleaseGround): Releases {
  const { input, options } = context;
  const releases = new Map<AddonName, Release>();
  let fences = new Map<string, pulumi.Resource[]>();
  for (const { name, chart, version, repository, namespace, after, early, unawaited = false, timeoutSeconds } of chartsOf(input.spec)) {
    const config = configs.get(name);
    const network = early ? undefined : releases.get(networkReleases[input.spec.platform.cni]);
    const needed: pulumi.Resource[] = [...after.flatMap((earlier) => releases.get(earlier) ?? []), ...(network ? [network] : []), ...(config ? [config] : []), ...classes, ...(fences.get(namespace) ?? [])];
    const withNodes: Promise<pulumi.Input<pulumi.Resource>[]> = nodesJoined.then(() => needed);
    const release = new Release(
      `release-${name}`,
      {
        name,
        chart,
        version,
        repositoryOpts: { repo: input.spec.mirrors.charts ?? repository },
        namespace: namespace === 'kube-system' ? namespace : namespaces.get(namespace)?.metadata.name ?? namespace,
        values: valuesOf(name, input),
        // All of it or nothing; nothing can be said of what is not waited for.
        atomic: !unawaited,
        cleanupOnFail: true,
        skipAwait: unawaited,
        timeout: timeoutSeconds,
        // What a roll-back can go back to; the rest only fills etcd.
        maxHistory: 5,
      },
      { ...options, dependsOn: early ? needed : withNodes },
    );
    releases.set(name, release);
    if (name === networkReleases[input.spec.platform.cni]) {
      fences = fenceAddons(context, namespaces, release);
      fences.set(meshNamespace, [...(fences.get(meshNamespace) ?? []), ...letProbesIn(context, release)]);
    }
  }
  const addons = chartsOf(input.spec).flatMap(({ name, chart, version, namespace }) => {
    const release = releases.get(name);
    return release ? [{ name: release.name, chart, version, namespace }] : [];
  });
  return { addons, network: releases.get(networkReleases[input.spec.platform.cni]), gatekeeper: releases.get('gatekeeper'), mesh: releases.get('istiod'), rancherBackup: releases.get('rancher-backup'), snapshots: releases.get('snapshot-controller') };
}
