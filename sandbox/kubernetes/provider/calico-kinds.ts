import type { KubeObject } from '../json.js';
import { clusterKind } from './cluster-kind.js';

const group = 'crd.projectcalico.org';

/** Calico's definitions that are used here, as the chart with all of them brings them. */
export const calicoKinds: readonly KubeObject[] = [clusterKind(group, 'v1', 'Tier', 'tiers'), clusterKind(group, 'v1', 'GlobalNetworkPolicy', 'globalnetworkpolicies')];
