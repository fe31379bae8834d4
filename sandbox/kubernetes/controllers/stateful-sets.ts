import { recordAt } from '../json.js';
import { StatusError } from '../api-server/status-error.js';
import type { ControllerContext } from './context.js';
import { claimsOfStatefulSet } from './mounts.js';

/** Who the controller is to the API server, admission included. */
const identity = { user: 'system:serviceaccount:kube-system:statefulset-controller', groups: ['system:serviceaccounts', 'system:serviceaccounts:kube-system', 'system:authenticated'] };

/** Makes the claims of StatefulSets. As in Kubernetes they stay when the set goes or shrinks. */
export function keepStatefulSets({ api }: ControllerContext): void {
  for (const set of api.objects('apps/statefulsets')) {
    if (set.metadata.deletionTimestamp !== undefined) continue;
    for (const { name, template } of claimsOfStatefulSet(set)) {
      const { namespace } = set.metadata;
      if (api.find('v1', 'PersistentVolumeClaim', name, namespace) !== undefined) continue;
      try {
        api.create({ apiVersion: 'v1', kind: 'PersistentVolumeClaim', metadata: { name, namespace, labels: template.metadata.labels }, spec: recordAt(template, 'spec') }, identity);
      } catch (error) {
        // Refused, by a policy for instance: the real controller tells it in an event and tries again later.
        if (!(error instanceof StatusError)) throw error;
      }
    }
  }
}
