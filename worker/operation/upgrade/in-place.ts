import { kubernetesReleases } from '../../../model/spec.js';
import { drainableNodes } from '../../kubernetes/node-drain.js';
import type { OperationContext } from '../context.js';
import { lookAtCluster } from '../kubernetes.js';
import { tell } from '../kubernetes-made.js';
import { listed } from '../listed.js';

/** What to do where a machine does not know how to upgrade itself. */
export const replaceInstead = 'Send the upgrade without "inPlace": it replaces the machines that are left, and those that it makes can be upgraded in place.';

/** Tells which nodes are to be upgraded where they are. Where the API server does not answer nobody knows, and nothing is. */
export async function tellInPlace(context: OperationContext): Promise<void> {
  const nodes = await lookAtCluster(context, drainableNodes);
  if (nodes === undefined) return;
  const release = kubernetesReleases[context.spec.kubernetesVersion];
  const old = nodes.filter((node) => node.release !== release).map(({ name }) => name);
  tell(context, 'info', old.length === 0 ? `All nodes are of Kubernetes ${release}: none has to be upgraded.` : `To be upgraded in place to Kubernetes ${release}, on the machines that they have: ${listed(old)}.`);
}
