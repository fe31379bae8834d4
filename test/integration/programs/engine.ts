import { mkdtemp, rm } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { LocalWorkspace, PulumiCommand, type EngineEvent, type Stack } from '@pulumi/pulumi/automation/index.js';
import type { Account, AwsAccount, AzureAccount } from '../../../model/accounts.js';
import { projectName, stackName } from '../../../model/names.js';
import { infrastructure as awsInfrastructure } from '../../../programs/aws/index.js';
import { infrastructure as azureInfrastructure } from '../../../programs/azure/index.js';
import { recordType } from '../../../programs/record.js';
import type { NodeTemplates } from '../../../programs/nodes/templates.js';
import type { InfrastructureInput, Program } from '../../../programs/provider.js';
import { startAws } from '../../../sandbox/aws/index.js';
import { startAzure } from '../../../sandbox/azure/index.js';
import { serveProvider } from '../../../sandbox/protocol/index.js';
import { openSandbox, type Part, type Sandbox } from '../../../sandbox/sandbox.js';

/** What the engine did or would do: `operation name`, sorted, without what stayed the same and without the cluster's record. */
export type Changes = string[];

/** A cloud's program and what stands in for the cloud. */
export interface CloudUnderTest<A extends Account> {
  /** The engine's name for the cloud's provider. */
  readonly plugin: string;
  readonly start: (sandbox: Sandbox) => Promise<Part>;
  readonly program: (input: InfrastructureInput<A>, templates?: NodeTemplates) => Program;
}

export const aws: CloudUnderTest<AwsAccount> = { plugin: 'aws', start: startAws, program: awsInfrastructure };
export const azure: CloudUnderTest<AzureAccount> = { plugin: 'azure-native', start: startAzure, program: azureInfrastructure };

/** An infrastructure program on the real engine and its emulated cloud, in a folder of its own, without latency. */
export interface InfrastructureEngine<A extends Account> {
  readonly sandbox: Sandbox;
  up(input: InfrastructureInput<A>, templates?: NodeTemplates): Promise<{ changes: Changes; outputs: Record<string, unknown> }>;
  preview(input: InfrastructureInput<A>, templates?: NodeTemplates): Promise<Changes>;
  refresh(input: InfrastructureInput<A>): Promise<Changes>;
  destroy(input: InfrastructureInput<A>): Promise<void>;
  /** The `deployment` of the exported stack. */
  state(input: InfrastructureInput<A>): Promise<{ resources: { urn: string; type: string; inputs?: Record<string, unknown> }[] }>;
  stop(): Promise<void>;
}

/** Starts an emulated cloud. */
export async function startInfrastructureEngine<A extends Account>({ plugin, start, program: programOf }: CloudUnderTest<A>): Promise<InfrastructureEngine<A>> {
  const folder = await mkdtemp(path.join(os.tmpdir(), 'infrastructure-'));
  const sandbox = await openSandbox(folder, 0);
  const cloud = await start(sandbox);
  const served = await serveProvider(cloud.provider);
  const pulumiCommand = await PulumiCommand.get({ root: path.join(os.homedir(), '.cache/clusterwright/pulumi/v3.230.0'), skipVersionCheck: true });
  const envVars = {
    PULUMI_BACKEND_URL: `file://${folder}`, PULUMI_CONFIG_PASSPHRASE: 'test', PULUMI_SKIP_UPDATE_CHECK: 'true', PULUMI_DISABLE_AUTOMATIC_PLUGIN_ACQUISITION: 'true',
    PULUMI_FALLBACK_TO_STATE_SECRETS_MANAGER: 'true', PULUMI_HOME: path.join(folder, 'home'),
    PULUMI_DEBUG_PROVIDERS: `${plugin}:${served.port}`, ...cloud.environment,
  };
  const quiet = { color: 'never', parallel: 32, suppressProgress: true } as const;

  const stacks = new Map<string, Stack>();
  async function stack(input: InfrastructureInput<A>, templates?: NodeTemplates): Promise<Stack> {
    const name = stackName(input.spec.name, 'infrastructure');
    const program = programOf(input, templates);
    const known = stacks.get(name);
    if (known) {
      known.workspace.program = program;
      return known;
    }
    const workDir = await mkdtemp(path.join(folder, 'work-'));
    const made = await LocalWorkspace.createStack({ stackName: name, projectName, program }, { workDir, pulumiCommand, envVars });
    stacks.set(name, made);
    return made;
  }

  return {
    sandbox,
    async up(input, templates) {
      const events: EngineEvent[] = [];
      const { outputs } = await (await stack(input, templates)).up({ ...quiet, onEvent: (event) => events.push(event) });
      return { changes: changesOf(events), outputs: Object.fromEntries(Object.entries(outputs).map(([name, { value }]) => [name, value as unknown])) };
    },
    async preview(input, templates) {
      const events: EngineEvent[] = [];
      await (await stack(input, templates)).preview({ ...quiet, onEvent: (event) => events.push(event) });
      return changesOf(events);
    },
    async refresh(input) {
      const events: EngineEvent[] = [];
      await (await stack(input)).refresh({ ...quiet, runProgram: true, onEvent: (event) => events.push(event) });
      return changesOf(events).filter((change) => !change.startsWith('refresh '));
    },
    async destroy(input) {
      await (await stack(input)).destroy({ ...quiet, runProgram: true, remove: true });
    },
    async state(input) {
      const { deployment } = await (await stack(input)).exportStack();
      return deployment as Awaited<ReturnType<InfrastructureEngine<A>['state']>>;
    },
    async stop() {
      served.close();
      await cloud.close();
      await sandbox.journal.close();
      await rm(folder, { recursive: true });
    },
  };
}

function changesOf(events: readonly EngineEvent[]): Changes {
  const changes = events.flatMap(({ resourcePreEvent }) => {
    const metadata = resourcePreEvent?.metadata;
    return metadata === undefined || metadata.op === 'same' || metadata.type === recordType ? [] : [`${metadata.op} ${metadata.urn.split('::').at(-1) ?? ''}`];
  });
  return changes.sort();
}
