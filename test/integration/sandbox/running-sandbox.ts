import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { LocalWorkspace, PulumiCommand, type EngineEvent, type PulumiFn, type Stack } from '@pulumi/pulumi/automation/index.js';
import { z } from 'zod';

const announcementSchema = z.object({ pid: z.number(), control: z.url(), providers: z.record(z.string(), z.number()), endpoints: z.record(z.string(), z.url()) });
const inventorySchema = z.object({
  items: z.array(z.object({ id: z.string(), type: z.string(), cluster: z.string().nullable(), resource: z.string().nullable(), parent: z.string().nullable() })),
  kept: z.array(z.object({ id: z.string(), type: z.string(), cluster: z.string().nullable(), reason: z.string(), until: z.string().nullable() })),
});
export type InventoryAnswer = z.infer<typeof inventorySchema>;

const mainFile = fileURLToPath(new URL('../../../dist/sandbox/main.js', import.meta.url));

/** The sandbox as its own process, with a home of its own. */
export class RunningSandbox {
  #process: ChildProcess | undefined;
  #announcement: z.infer<typeof announcementSchema> | undefined;

  private constructor(readonly home: string, private readonly latency: number) {}

  /** Starts one; `latency` is the factor on the clouds' own. */
  static async start(latency = 0): Promise<RunningSandbox> {
    const sandbox = new RunningSandbox(await mkdtemp(path.join(os.tmpdir(), 'sandbox-')), latency);
    await sandbox.restart();
    return sandbox;
  }

  get announcement(): z.infer<typeof announcementSchema> {
    if (this.#announcement === undefined) throw new Error('the sandbox does not run');
    return this.#announcement;
  }

  /** Starts it on the same state; ports change. */
  async restart(): Promise<void> {
    const child = spawn(process.execPath, [mainFile], { env: { ...process.env, CLUSTERWRIGHT_HOME: this.home, CLUSTERWRIGHT_SANDBOX_LATENCY: String(this.latency) }, stdio: ['ignore', 'pipe', 'inherit'] });
    this.#process = child;
    const [line] = (await once(createInterface(child.stdout), 'line')) as [string];
    this.#announcement = announcementSchema.parse(JSON.parse(line));
  }

  async kill(signal: 'SIGTERM' | 'SIGKILL'): Promise<void> {
    const child = this.#process;
    if (child === undefined || child.exitCode !== null || child.signalCode !== null) return;
    const exited = once(child, 'exit');
    child.kill(signal);
    await exited;
  }

  async stop(): Promise<void> {
    await this.kill('SIGTERM');
    await rm(this.home, { recursive: true, force: true });
  }

  async inventory(cluster: string): Promise<InventoryAnswer> {
    const response = await fetch(`${this.announcement.control}/inventory?cluster=${cluster}`);
    return inventorySchema.parse(await response.json());
  }

  /** Posts to the control endpoint and returns status and body. */
  async post(pathAndQuery: string, body: unknown): Promise<{ status: number; body: unknown }> {
    const response = await fetch(this.announcement.control + pathAndQuery, { method: 'POST', body: JSON.stringify(body) });
    return { status: response.status, body: await response.json() };
  }
}

/** A stack on the real engine whose only providers are the sandbox's. */
export async function stackOn(sandbox: RunningSandbox, stackName: string, program: PulumiFn): Promise<Stack> {
  const pulumiCommand = await PulumiCommand.get({ root: path.join(os.homedir(), '.cache/clusterwright/pulumi/v3.230.0'), skipVersionCheck: true });
  const workDir = await mkdtemp(path.join(sandbox.home, 'work-'));
  return LocalWorkspace.createOrSelectStack({ stackName, projectName: 'sandbox-test', program }, {
    workDir,
    pulumiCommand,
    envVars: {
      PULUMI_BACKEND_URL: `file://${sandbox.home}`,
      PULUMI_HOME: path.join(sandbox.home, 'pulumi'),
      PULUMI_CONFIG_PASSPHRASE: 'test',
      PULUMI_SKIP_UPDATE_CHECK: 'true',
      PULUMI_DISABLE_AUTOMATIC_PLUGIN_ACQUISITION: 'true',
      PULUMI_FALLBACK_TO_STATE_SECRETS_MANAGER: 'true',
      PULUMI_DEBUG_PROVIDERS: Object.entries(sandbox.announcement.providers).map(([name, port]) => `${name}:${port}`).join(','),
    },
  });
}

/** `operation name` of everything that was not left as it is, sorted. */
export function changesOf(events: readonly EngineEvent[]): string[] {
  return events
    .flatMap(({ resourcePreEvent }) => (resourcePreEvent === undefined || resourcePreEvent.metadata.op === 'same' ? [] : [`${resourcePreEvent.metadata.op} ${resourcePreEvent.metadata.urn.split('::').at(-1) ?? ''}`]))
    .sort();
}
