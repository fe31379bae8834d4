import { listAt, stringAt, valueAt, type KubeObject } from '../json.js';
import type { ControllerContext } from './context.js';
import { Refused } from './controller-cloud.js';
import { isInstalled } from './installed.js';

const cleanup = 'service.kubernetes.io/load-balancer-cleanup';
const services = '/services';

/** The service controller: a load balancer of the cloud for each Service of that type. */
export function keepLoadBalancers(context: ControllerContext): void {
  const { api, cloud } = context;
  if (!isInstalled(context, cloud.balancerRelease)) return;
  for (const service of api.objects(services)) {
    const { deletionTimestamp, finalizers = [] } = service.metadata;
    const wanted = stringAt(service, 'spec', 'type') === 'LoadBalancer' && valueAt(service, 'spec', 'loadBalancerClass') === undefined && deletionTimestamp === undefined;
    if (!wanted) {
      if (finalizers.includes(cleanup)) letGo(context, service);
      continue;
    }
    if (listAt(service, 'status', 'loadBalancer', 'ingress').length > 0) continue;
    try {
      const ingress = cloud.makeBalancer(service);
      api.put(services, { ...service, metadata: { ...service.metadata, finalizers: [...new Set([...finalizers, cleanup])] }, status: { loadBalancer: { ingress: [{ ...ingress }] } } });
    } catch (error) {
      // What the cloud refuses stays pending; the real controller tells it in an event.
      if (!(error instanceof Refused)) throw error;
    }
  }
}

function letGo({ api, cloud }: ControllerContext, service: KubeObject): void {
  cloud.removeBalancer(service);
  const { finalizers = [] } = service.metadata;
  api.put(services, { ...service, metadata: { ...service.metadata, finalizers: finalizers.filter((finalizer) => finalizer !== cleanup) }, status: { loadBalancer: {} } });
}
