import type { KubeObject } from '../json.js';
import { clusterKind } from './cluster-kind.js';

/** Of the definitions of Rancher's backups those that are used here. */
export const rancherKinds: readonly KubeObject[] = [clusterKind('resources.cattle.io', 'v1', 'ResourceSet', 'resourcesets'), clusterKind('resources.cattle.io', 'v1', 'Backup', 'backups')];
