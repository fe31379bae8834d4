import { apiServerPort, endpointName } from '../../../model/names.js';
import type { Connection } from '../../../model/cluster.js';
import { ClusterwrightError } from '../../../model/errors.js';
import { KubernetesClient, KubernetesError } from '../../kubernetes/client.js';
import type { Phase } from '../context.js';
import { ClosedWay } from '../closed-way.js';
import { pollWithin } from '../poll.js';
import { filled } from '../sink.js';

/** A control plane of three takes about eight minutes on a real cloud. */
const limitMs = 30 * 60_000;

/** Waits for what the first control-plane node publishes, and for the API server behind the load balancer. */
export const controlPlane: Phase = {
  limitMs: limitMs + 60_000,
  async run(context, signal) {
    const outputs = filled(context.outputs, 'the infrastructure\'s outputs');
    const watch = filled(context.nodeWatch, 'the watch over the nodes');
    const way = new ClosedWay(context.spec, outputs.apiServerAddress);
    let missing = 'nothing is published yet';
    const look = async (): Promise<Connection | undefined> => {
      const [published, steps] = await Promise.all([context.cloud.secrets(), watch.look()]);
      const { certificateAuthority, endpoint, provisioner } = published;
      if (certificateAuthority === undefined || endpoint === undefined || provisioner === undefined) {
        const last = steps.filter(({ role }) => role === 'control-plane').map(({ node, step }) => `${node}: ${step}`);
        missing = `the control plane has not published ${certificateAuthority === undefined ? 'its CA' : endpoint === undefined ? 'its endpoint' : 'the provisioner\'s certificate'}; ${last.join(', ') || 'no node has reported yet'}`;
        return undefined;
      }
      const connection = { endpoint: `https://${endpointName(context.spec.name, context.spec.network.domain)}:${apiServerPort}`, address: outputs.apiServerAddress, certificateAuthority };
      const client = new KubernetesClient(context.spec, connection, provisioner);
      try {
        if (await client.ready()) return connection;
        way.opened();
        missing = 'the API server is not ready';
      } catch (error) {
        if (!(error instanceof KubernetesError)) throw error;
        missing = error.message;
        way.look(error, steps, Date.now());
      } finally {
        client.close();
      }
      return undefined;
    };
    const connection = await pollWithin(limitMs, signal, look, () => new ClusterwrightError('control-plane-timeout', `After ${limitMs / 60_000} minutes: ${missing}.`));
    context.connection = connection;
    context.report({ type: 'cluster', connection });
  },
};
