import type { KubeObject } from '../json.js';
import { clusterKind } from './cluster-kind.js';

/** Kinds of Gatekeeper's constraints that are used here, which its controller makes out of templates. */
const constraints = ['ClusterwrightTrustedRegistries', 'ClusterwrightFixedImageTags', 'ClusterwrightRequestsAndLimits', 'ClusterwrightReadOnlyRoot'];

/** Gatekeeper's templates, as its chart brings their kind, and the kinds that come of them. */
export const gatekeeperKinds: readonly KubeObject[] = [
  clusterKind('templates.gatekeeper.sh', 'v1', 'ConstraintTemplate', 'constrainttemplates'),
  ...constraints.map((kind) => clusterKind('constraints.gatekeeper.sh', 'v1beta1', kind, kind.toLowerCase())),
];
