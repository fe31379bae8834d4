import { mkdtemp, rm } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll } from 'vitest';
import type { JobEventBody } from '../../../model/event.js';
import type { JobKind } from '../../../model/job.js';
import type { Json } from '../../../model/merge-patch.js';
import { stackName } from '../../../model/names.js';
import type { InfrastructureInput } from '../../../programs/provider.js';
import type { Provider } from '../../../model/spec.js';
import type { Item } from '../../../sandbox/inventory/item.js';
import { startAws } from '../../../sandbox/aws/index.js';
import { startAzure } from '../../../sandbox/azure/index.js';
import { serveProvider } from '../../../sandbox/protocol/index.js';
import { openSandbox, type Sandbox } from '../../../sandbox/sandbox.js';
import { openCloud } from '../../../worker/cloud/index.js';
import { findEngine } from '../../../worker/engine/binary.js';
import { EngineCommand } from '../../../worker/engine/command.js';
import { EngineStack } from '../../../worker/engine/stack.js';
import { engineUrl } from '../../../worker/operation/environment.js';
import { infrastructureProgram } from '../../../worker/operation/programs.js';
import { settle, type SettleContext } from '../../../worker/operation/settle/index.js';
import { azureInputOf, inputOf, specOf } from '../../support/infrastructure-input.js';
import { someJob } from '../../support/records.js';

/** The infrastructure of clusters on the real engine and an emulated cloud, as an operation's phases work on it; no service, no latency. */
export class SettleGround {
  private constructor(
    readonly provider: Provider, readonly sandbox: Sandbox, readonly folder: string, readonly command: EngineCommand, private readonly close: () => Promise<void>,
  ) {}

  static async start(provider: Provider = 'aws'): Promise<SettleGround> {
    const folder = await mkdtemp(path.join(os.tmpdir(), 'settle-'));
    const sandbox = await openSandbox(folder, 0);
    const cloud = await (provider === 'aws' ? startAws(sandbox) : startAzure(sandbox));
    const served = await serveProvider(cloud.provider);
    // The worker's own calls find the emulated cloud as a service's do.
    const before = { ...process.env };
    Object.assign(process.env, cloud.environment);
    const command = new EngineCommand(await findEngine(), {
      PATH: process.env['PATH'], HOME: os.homedir(), GOGC: process.env['GOGC'], PULUMI_SKIP_UPDATE_CHECK: 'true', PULUMI_FALLBACK_TO_STATE_SECRETS_MANAGER: 'true', PULUMI_DISABLE_AUTOMATIC_PLUGIN_ACQUISITION: 'true',
      PULUMI_BACKEND_URL: engineUrl(`file://${folder}`), PULUMI_CONFIG_PASSPHRASE: 'test', PULUMI_DEBUG_PROVIDERS: `${served.name}:${served.port}`, ...cloud.environment,
      // What fails ends no other branch of the program: many lost answers are met at once.
      PULUMI_CONTINUE_ON_ERROR: 'true',
    });
    return new SettleGround(provider, sandbox, folder, command, async () => {
      process.env = before;
      served.close();
      await cloud.close();
      await sandbox.journal.close();
      await rm(folder, { recursive: true });
    });
  }

  async stop(): Promise<void> {
    await this.close();
  }

  /** A cluster that nothing exists of yet but its stacks. */
  async cluster(name: string, patch: Json = {}): Promise<SettledCluster> {
    const where: Record<string, Json> = this.provider === 'azure' ? { provider: 'azure', region: 'westeurope' } : {};
    const spec = await specOf('development', { name, ...where, ...(patch as Record<string, Json>) });
    const input = this.provider === 'azure' ? azureInputOf(spec, { retainBackups: false }) : inputOf(spec, { retainBackups: false });
    const cluster = new SettledCluster(this, input);
    await cluster.stack.create();
    return cluster;
  }
}

const noSignal = new AbortController().signal;

/** One cluster's infrastructure, and what is told of the work on it. */
export class SettledCluster {
  readonly events: JobEventBody[] = [];
  readonly stack: EngineStack;
  readonly #platform: EngineStack;

  constructor(private readonly ground: SettleGround, readonly input: InfrastructureInput) {
    const open = (kind: 'infrastructure' | 'platform'): EngineStack => new EngineStack(stackName(input.spec.name, kind), ground.command, {
      workDir: path.join(ground.folder, 'work', input.spec.name), encryption: { secretsProvider: 'passphrase', salt: null, encryptedKey: null },
    });
    this.stack = open('infrastructure');
    this.#platform = open('platform');
  }

  /** What the phase `infrastructure` does. */
  async up(): Promise<void> {
    await this.stack.up(await infrastructureProgram(this.input, false), { sink: this.#sink(), signal: noSignal });
  }

  /** What `preflight` does for a job of this kind that comes after one that failed. */
  async settle(kind: JobKind = 'repair', attempt = 1): Promise<void> {
    const { spec, uid, slot, installation, account } = this.input;
    const job = { ...someJob(kind, { name: spec.name, uid, spec }), attempt };
    const states = { infrastructure: await this.stack.state(), platform: await this.#platform.state() };
    const context: SettleContext = {
      job, spec, uid, slot, installation, account, states, doubts: { infrastructure: false, platform: false }, stacks: { infrastructure: this.stack, platform: this.#platform },
      // As an account of its own: connections are shared by account, and grounds come one after the other.
      cloud: await openCloud({ name: spec.name, uid, region: spec.region }, { ...account }), backendUrl: `file://${this.ground.folder}`,
      report: (message) => {
        if (message.type === 'event') this.events.push(message.event);
      },
    };
    await settle(context, noSignal);
  }

  /** What the phase `destroy-infrastructure` does. */
  async destroy(): Promise<void> {
    const resources = (await this.stack.state())?.resources.length ?? 0;
    await this.stack.destroy(await infrastructureProgram(this.input, false), resources, { sink: this.#sink(), signal: noSignal });
    await this.stack.remove({ force: false });
  }

  /** Imports that were told, as `type name`. */
  imported(): string[] {
    return this.events.flatMap((event) => (event.type === 'resource' && event.op === 'import' && event.state === 'succeeded' ? [`${event.resourceType} ${event.name}`] : [])).sort();
  }

  /**
   * All that the cloud has of the cluster and all that its state knows of it: `type id`, sorted. Machines that a group launched are the group's, and what
   * Azure makes along with something (a machine's disk, an endpoint's interface and record) goes with it: nobody has given it inputs.
   */
  async compared(): Promise<{ cloud: string[]; state: string[] }> {
    const items = this.ground.sandbox.inventory.list(this.input.spec.name);
    const madeAlong = ({ type, parent, inputs }: Item): boolean =>
      parent?.type === 'aws:autoscaling/group:Group' || type === 'azure-native:compute:VirtualMachineScaleSetVM' || (this.ground.provider === 'azure' && Object.keys(inputs).length === 0);
    const launched = new Set(items.filter(madeAlong).map(({ id }) => id));
    const state = await this.stack.state();
    return {
      cloud: items.filter(({ id }) => !launched.has(id)).map(({ type, id }) => `${type} ${id}`).sort(),
      state: (state?.resources ?? []).map(({ type, id }) => `${type} ${id ?? ''}`).sort(),
    };
  }

  #sink() {
    return { event: (event: JobEventBody) => void this.events.push(event), progress: () => undefined };
  }
}

/** Has a ground lie beneath the tests of a file or of a `describe`: it is there in hooks and tests. */
export function useGround(provider: Provider = 'aws'): () => SettleGround {
  let ground: SettleGround;
  beforeAll(async () => {
    ground = await SettleGround.start(provider);
  });
  afterAll(() => ground.stop());
  return () => ground;
}
