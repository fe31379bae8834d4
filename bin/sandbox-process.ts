import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { access, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { stringify } from 'yaml';
import { ClusterwrightError } from '../model/errors.js';
import type { Settings } from '../model/settings.js';
import { packageRoot } from '../worker/package-root.js';
import type { ChildOutput } from './child-output.js';
import { sandboxNiceness, stepSessionBack } from './priority.js';
import { environmentOf, sandboxAnnouncementSchema } from './sandbox-environment.js';

/** A running sandbox: the cloud on this machine, in a process of its own. */
export interface SandboxProcess {
  /** What leads production code to the sandbox. */
  readonly environment: Readonly<Record<string, string>>;
  readonly control: string;
  /** Settles when the process has ended, with what to say about it. */
  readonly ended: Promise<string>;
  stop(): Promise<void>;
}

/** Starts the sandbox of a home and waits until it answers. */
export async function startSandbox(settings: Settings, output: ChildOutput): Promise<SandboxProcess> {
  const child = spawn(process.execPath, [fileURLToPath(new URL('../sandbox/main.js', import.meta.url))], {
    // A group of its own: a Ctrl-C at the terminal reaches the starter only, which stops things in order. An open standard input is the sandbox's
    // sign that its starter lives.
    detached: true,
    stdio: ['pipe', 'pipe', output],
    env: {
      ...process.env,
      PATH: toolsOnPath(),
      CLUSTERWRIGHT_HOME: settings.home,
      CLUSTERWRIGHT_SANDBOX_NODES: settings.sandboxNodes,
      CLUSTERWRIGHT_SANDBOX_LATENCY: String(settings.sandboxLatency),
      CLUSTERWRIGHT_SANDBOX_ATTACHED: '1',
    },
  });
  await stepSessionBack(child.pid, sandboxNiceness);
  const ended = once(child, 'exit').then(([code, signal]: unknown[]) => `the sandbox ended (${String(signal ?? code)})`);
  if (!child.stdout) throw new Error('the sandbox has no output to read');
  const lines = createInterface({ input: child.stdout });
  const ready = await Promise.race([
    once(lines, 'line').then(([line]: unknown[]) => sandboxAnnouncementSchema.parse(JSON.parse(String(line)))),
    ended.then((reason) => {
      throw new ClusterwrightError('prerequisite-missing', `${reason} before it was ready.`, { hint: 'See what it printed above.' });
    }),
  ]);
  return {
    environment: environmentOf(ready),
    control: ready.control,
    ended,
    stop: async () => {
      child.kill('SIGTERM');
      await ended;
    },
  };
}

/** PATH with our own commands in front: the credential plugin of kubeconfigs is found by name. */
function toolsOnPath(): string {
  return [path.join(packageRoot(), 'tools/bin'), process.env['PATH'] ?? ''].join(path.delimiter);
}

/** The sandbox's subscription on Azure. */
const azureSubscription = '5ab5c0de-0000-4000-8000-000000000001';

/** The accounts of a sandbox: one on each cloud, reached by peering with the worker's network that every sandbox has. Written once, then the user's to change. */
export async function ensureSandboxAccounts(file: string): Promise<void> {
  if (await access(file).then(() => true, () => false)) return;
  const accounts = {
    accounts: {
      default: {
        aws: {
          accountId: '123456789012',
          roleArn: 'arn:aws:iam::123456789012:role/clusterwright',
          reach: { type: 'peering', vpcId: 'vpc-0c1d5e70worker000', cidr: '10.0.0.0/16', routeTableIds: ['rtb-0c1d5e70worker000'] },
        },
        azure: {
          subscriptionId: azureSubscription,
          tenantId: '7e4a4700-0000-4000-8000-000000000001',
          workerCidrs: ['203.0.113.10/32'],
          reach: { type: 'peering', networkId: `/subscriptions/${azureSubscription}/resourceGroups/worker/providers/Microsoft.Network/virtualNetworks/worker`, cidr: '10.1.0.0/16' },
        },
      },
    },
  };
  await writeFile(file, `# Accounts of the sandbox at ${path.basename(path.dirname(file))}. docs/accounts.md explains the fields.\n${stringify(accounts)}`, { flag: 'wx' });
}
