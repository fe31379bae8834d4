import { once } from 'node:events';
import { rename, writeFile } from 'node:fs/promises';
import type { AddressInfo } from 'node:net';
import path from 'node:path';
import { z } from 'zod';
import { startAws } from './aws/index.js';
import { awsHosts } from './aws/hosts/index.js';
import { awsNodes } from './aws/kubernetes/index.js';
import { startAzure } from './azure/index.js';
import { azureHosts } from './azure/hosts/index.js';
import { azureNodes } from './azure/kubernetes/index.js';
import { controlServer } from './control.js';
import { entraCalls } from './entra/control.js';
import { startEntra } from './entra/index.js';
import { authorityHost } from './entra/provider.js';
import { hostCalls } from './hosts/control.js';
import { startHosts } from './hosts/index.js';
import { startKubernetes } from './kubernetes/index.js';
import { nodeCalls } from './kubernetes/nodes/control.js';
import { serveProvider } from './protocol/index.js';
import { openSandbox, type Part, type Sandbox } from './sandbox.js';

const environment = z
  .object({
    CLUSTERWRIGHT_HOME: z.string().min(1),
    CLUSTERWRIGHT_SANDBOX_LATENCY: z.coerce.number().min(0).max(10).default(0.1),
    CLUSTERWRIGHT_SANDBOX_NODES: z.enum(['simulated', 'real']).default('simulated'),
    CLUSTERWRIGHT_SANDBOX_IMAGE: z.enum(['plain', 'golden']).default('golden'),
    CLUSTERWRIGHT_SANDBOX_ATTACHED: z.string().optional(),
  })
  .parse(process.env);

const sandbox = await openSandbox(path.resolve(environment.CLUSTERWRIGHT_HOME), environment.CLUSTERWRIGHT_SANDBOX_LATENCY);
const stop = await start(sandbox);
process.once('SIGTERM', () => void end());
process.once('SIGINT', () => void end());
if (environment.CLUSTERWRIGHT_SANDBOX_ATTACHED === '1') {
  // The starter holds the other end: when it dies, however it dies, the sandbox goes with it.
  process.stdin.once('end', () => void end()).once('close', () => void end()).resume();
}

/** Starts every part, says where they listen, and returns what stops them. */
async function start(shared: Sandbox): Promise<() => Promise<void>> {
  const aws = await startAws(shared);
  const azure = await startAzure(shared);
  const clouds = { aws: awsNodes(aws.cloud), azure: azureNodes(azure) };
  const real = environment.CLUSTERWRIGHT_SANDBOX_NODES === 'real';
  const kubernetes = await startKubernetes(shared, real ? {} : clouds, { ...aws.environment, ...azure.environment });
  const entra = await startEntra(shared, azure.federation);
  const internet = new Map([[authorityHost, entra.services]]);
  const hosts = real ? await startHosts(shared, [awsHosts(aws), azureHosts(azure)], internet, environment.CLUSTERWRIGHT_SANDBOX_IMAGE, (error) => process.stderr.write(`hosts: ${error instanceof Error ? (error.stack ?? error.message) : String(error)}\n`)) : undefined;
  const parts: Part[] = [aws, azure, kubernetes];
  const served = await Promise.all(parts.map((part) => serveProvider(part.provider)));
  const control = controlServer(shared, entraCalls(entra), nodeCalls(kubernetes.nodes), ...(hosts === undefined ? [] : [hostCalls(hosts.nodes)])).listen(0, '127.0.0.1');
  await once(control, 'listening');
  const announcement = {
    pid: process.pid,
    control: `http://127.0.0.1:${(control.address() as AddressInfo).port}`,
    providers: Object.fromEntries(served.map(({ name, port }) => [name, port])),
    endpoints: { entra: entra.endpoint, ...Object.fromEntries(parts.flatMap(({ provider, endpoint }) => (endpoint === undefined ? [] : [[provider.name, endpoint]]))) },
    environment: Object.assign({}, ...parts.map(({ environment: own }) => own)) as Record<string, string>,
  };
  await announce(path.join(shared.home, 'sandbox.json'), JSON.stringify(announcement));
  return async () => {
    for (const server of served) server.close();
    control.close();
    control.closeAllConnections();
    await hosts?.close();
    await Promise.all([entra, ...parts].map((part) => part.close()));
    await shared.journal.close();
  };
}

/** The file appears whole or not at all, and only when everything answers. */
async function announce(file: string, content: string): Promise<void> {
  await writeFile(`${file}.new`, `${content}\n`);
  await rename(`${file}.new`, file);
  process.stdout.write(`${content}\n`);
}

let ending = false;
async function end(): Promise<void> {
  if (ending) return;
  ending = true;
  await stop();
  process.exit(0);
}
