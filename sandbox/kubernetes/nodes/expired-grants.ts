import { grantLabel, untilAnnotation } from '../../../model/access-grants.js';
import type { ClusterApi } from '../api-server/cluster-api.js';

const bindings = 'rbac.authorization.k8s.io';

/** Takes temporary access away whose time has passed, as `tasks/grants.sh` does on real control planes, without its delay of up to a minute. */
export function endGrants(api: ClusterApi): void {
  for (const plural of ['clusterrolebindings', 'rolebindings']) {
    for (const { apiVersion, kind, metadata: { name, namespace, labels, annotations } } of api.objects(`${bindings}/${plural}`)) {
      // `until` that is missing or no time has passed.
      if (labels?.[grantLabel] !== undefined && !(Date.parse(annotations?.[untilAnnotation] ?? '') > api.context.now())) api.remove(apiVersion, kind, name, namespace);
    }
  }
}
