import type { Fault } from './errors.js';
import type { ClusterSpec } from './spec.js';

/** The parts of a spec that are valid by themselves: rules across fields run on whatever is there. */
export type ValidParts = { readonly [K in keyof ClusterSpec]?: ClusterSpec[K] };

/** A rule across fields: it looks at the parts it needs and says nothing where they are missing. */
export type Rule = (spec: ValidParts) => Fault[];
