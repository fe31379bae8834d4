import type { EmulatedProvider } from '../../protocol/index.js';
import type { Requests } from '../../requests.js';
import { ChartSource, chartPlaces } from './chart-source.js';
import { Credentials } from './credentials.js';
import { Helm } from './helm.js';
import { KubernetesSession } from './session.js';
import { configFailures, readSettings } from './settings.js';

/** Version of the SDK that the provider stands in for. */
const sdkVersion = '4.34.2';

/**
 * The emulated `kubernetes` provider. It only speaks HTTPS to the server in its kubeconfig, so simulated and real API servers are served alike.
 * @param environment what exec plugins get on top of the process's environment, such as the address of the emulated cloud.
 * @param places where charts for real API servers come from.
 */
export function kubernetesProvider(requests: Requests, environment: Readonly<Record<string, string>>, places = chartPlaces(process.env)): EmulatedProvider {
  const credentials = new Credentials(environment);
  const helm = new Helm(places.cache, environment);
  const tools = { helm, charts: new ChartSource(places, helm) };
  return {
    name: 'kubernetes',
    version: sdkVersion,
    // With a clusterIdentifier nothing else replaces; without one pulumi-kubernetes guesses from the kubeconfig, which is not imitated.
    replacingArguments: ['clusterIdentifier'],
    checkConfig: configFailures,
    configure: async (args) => new KubernetesSession(readSettings(args, credentials, tools), requests),
  };
}
