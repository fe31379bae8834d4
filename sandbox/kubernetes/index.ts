import type { Part, Sandbox } from '../sandbox.js';
import { SimulatedNodes } from './nodes/index.js';
import type { NodeClouds } from './nodes/node-cloud.js';
import { kubernetesProvider } from './provider/index.js';

/** The simulated clusters and the emulated kubernetes provider. */
export interface KubernetesPart extends Part {
  readonly nodes: SimulatedNodes;
}

/** Goes on with the clusters that there are and prepares the provider. @param environment leads its credential plugins to the emulated clouds. */
export async function startKubernetes(sandbox: Sandbox, clouds: NodeClouds, environment: Readonly<Record<string, string>>): Promise<KubernetesPart> {
  const nodes = new SimulatedNodes(sandbox, clouds, (error) => {
    process.stderr.write(`simulated nodes: ${error instanceof Error ? (error.stack ?? error.message) : String(error)}\n`);
  });
  await nodes.start();
  return { provider: kubernetesProvider(sandbox.requests, environment), environment: {}, nodes, close: () => nodes.close() };
}
