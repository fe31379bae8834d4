import type { AwsPart } from '../aws/index.js';
import type { Part, Sandbox } from '../sandbox.js';
import { SimulatedNodes } from './nodes/index.js';
import { kubernetesProvider } from './provider/index.js';

/** The simulated clusters and the emulated kubernetes provider. */
export interface KubernetesPart extends Part {
  readonly nodes: SimulatedNodes;
}

/** Goes on with the clusters that there are and prepares the provider, whose credential plugins reach the emulated AWS. */
export async function startKubernetes(sandbox: Sandbox, aws: AwsPart): Promise<KubernetesPart> {
  const nodes = new SimulatedNodes(sandbox, aws, (error) => {
    process.stderr.write(`simulated nodes: ${error instanceof Error ? (error.stack ?? error.message) : String(error)}\n`);
  });
  await nodes.start();
  const environment = { AWS_ENDPOINT_URL: aws.endpoint, AWS_ACCESS_KEY_ID: 'sandbox', AWS_SECRET_ACCESS_KEY: 'sandbox' };
  return { provider: kubernetesProvider(sandbox.requests, environment), nodes, close: () => nodes.close() };
}
