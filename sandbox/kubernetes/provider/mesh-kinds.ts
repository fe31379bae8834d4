import type { KubeObject } from '../json.js';
import { namespacedKind } from './cluster-kind.js';

/** Of Istio's definitions the one that is used here. */
export const peerAuthentications: KubeObject = namespacedKind('security.istio.io', 'v1', 'PeerAuthentication', 'peerauthentications');

/** Of the Prometheus operator's definitions the one that is used here: the mesh has a monitor of the platform's own. */
export const podMonitors: KubeObject = namespacedKind('monitoring.coreos.com', 'v1', 'PodMonitor', 'podmonitors');
