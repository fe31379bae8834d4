import type { AddonIdentity } from '../provider.js';
import type { AddonNamespace } from '../../model/platform.js';
import type { ClusterSpec, Provider } from '../../model/spec.js';
import type { ChartValueFile } from '../../templates/charts/index.js';

/** The add-ons that this version installs; each is named as its Helm release and its values file. */
export type AddonName = ChartValueFile;

/** A chart of the platform. */
export interface Chart {
  readonly name: AddonName;
  readonly chart: string;
  readonly version: string;
  readonly repository: string;
  readonly namespace: 'kube-system' | AddonNamespace;
  /** Releases that must be there first, where they are installed at all; all that are not `early` come after the pod network's besides. */
  readonly after: readonly AddonName[];
  /** The clouds that it belongs to; absent: all. */
  readonly clouds?: readonly Provider[];
  /** Whether the spec asks for it; absent: every cluster has it. */
  readonly when?: (spec: ClusterSpec) => boolean;
  /** Whether it is installed at once, while nodes still join: because no node becomes Ready without it, which may take as long as they do, or because it runs nothing. */
  readonly early?: boolean;
  /** The identity in the cloud that its pods take, if any; Flux only where the spec names a key. */
  readonly identity?: AddonIdentity;
  /** Whether what it needs comes from outside, at a time that nobody here knows, so that Helm waits for nothing of it. */
  readonly unawaited?: boolean;
  /** How long Helm waits for all of it to be ready, in seconds. */
  readonly timeoutSeconds: number;
}
