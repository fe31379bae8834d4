import { mkdtemp, rm } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { LocalWorkspace, PulumiCommand, type EngineEvent, type Stack } from '@pulumi/pulumi/automation/index.js';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { provisionerKubeconfig } from '../../../model/kubeconfig.js';
import { projectName, stackName } from '../../../model/names.js';
import { nodeStepPrefix, secretName, secretNames } from '../../../model/rendezvous.js';
import { infrastructure } from '../../../programs/aws/index.js';
import { platform } from '../../../programs/platform/index.js';
import type { InfrastructureOutputs, PlatformInput, Program } from '../../../programs/provider.js';
import { startAws, type AwsPart } from '../../../sandbox/aws/index.js';
import { awsNodes } from '../../../sandbox/aws/kubernetes/index.js';
import { startKubernetes, type KubernetesPart } from '../../../sandbox/kubernetes/index.js';
import { serveProvider, type ServedProvider } from '../../../sandbox/protocol/index.js';
import { openSandbox, type Sandbox } from '../../../sandbox/sandbox.js';
import { inputOf, specOf } from '../../support/infrastructure-input.js';
import { changes } from './engine.js';

let folder: string;
let sandbox: Sandbox;
let aws: AwsPart;
let kubernetes: KubernetesPart;
let served: ServedProvider[];
const pathBefore = process.env['PATH'];

beforeAll(async () => {
  folder = await mkdtemp(path.join(os.tmpdir(), 'whole-'));
  // As the starter does it: the credential plugin of the kubeconfig is found here.
  process.env['PATH'] = `${path.resolve('tools/bin')}:${pathBefore ?? ''}`;
  sandbox = await openSandbox(folder, 0);
  aws = await startAws(sandbox);
  kubernetes = await startKubernetes(sandbox, { aws: awsNodes(aws.cloud) }, aws.environment);
  served = await Promise.all([aws.provider, kubernetes.provider].map((provider) => serveProvider(provider)));
});
afterAll(async () => {
  process.env['PATH'] = pathBefore;
  for (const server of served) server.close();
  await kubernetes.close();
  await aws.close();
  await sandbox.journal.close();
  await rm(folder, { recursive: true });
});

async function stackOf(name: string, program: Program): Promise<Stack> {
  const pulumiCommand = await PulumiCommand.get({ root: path.join(os.homedir(), '.cache/clusterwright/pulumi/v3.230.0'), skipVersionCheck: true });
  const envVars = {
    PULUMI_BACKEND_URL: `file://${folder}`, PULUMI_CONFIG_PASSPHRASE: 'test', PULUMI_SKIP_UPDATE_CHECK: 'true', PULUMI_DISABLE_AUTOMATIC_PLUGIN_ACQUISITION: 'true', PULUMI_HOME: path.join(folder, 'home'),
    PULUMI_DEBUG_PROVIDERS: served.map(({ name: provider, port }) => `${provider}:${port}`).join(','), AWS_ENDPOINT_URL: aws.endpoint, AWS_ACCESS_KEY_ID: 'sandbox', AWS_SECRET_ACCESS_KEY: 'sandbox',
  };
  return LocalWorkspace.createStack({ stackName: name, projectName, program }, { workDir: await mkdtemp(path.join(folder, 'work-')), pulumiCommand, envVars });
}

async function changesOf(run: (options: { onEvent: (event: EngineEvent) => void; color: 'never' }) => Promise<unknown>): Promise<string[]> {
  const events: EngineEvent[] = [];
  await run({ onEvent: (event) => events.push(event), color: 'never' });
  return changes(events);
}

it('brings up a production cluster and its platform with the programs that production runs', async () => {
  const spec = await specOf('production', { name: 'whole' });
  const input = inputOf(spec, { retainBackups: false });
  const ground = await stackOf(stackName('whole', 'infrastructure'), infrastructure(input));
  const made = await ground.up({ color: 'never', parallel: 32 });
  const outputs = Object.fromEntries(Object.entries(made.outputs).map(([name, { value }]) => [name, value as unknown])) as unknown as InfrastructureOutputs;
  await kubernetes.nodes.settled();

  const steps = aws.objects.list(outputs.backupStore, nodeStepPrefix).map(({ body }) => JSON.parse(Buffer.from(body, 'base64').toString()) as { step: string });
  expect(steps.map(({ step }) => step)).toEqual(Array.from({ length: 6 }, () => 'joined'));

  const certificateAuthority = aws.parameters.get(spec.region, secretName(input.uid, secretNames.certificateAuthority))?.value ?? '';
  const kubeconfig = provisionerKubeconfig(spec, input.uid, { endpoint: '', address: outputs.apiServerAddress, certificateAuthority }, input.account);
  const platformInput: PlatformInput = { spec, uid: input.uid, slot: input.slot, installation: input.installation, account: input.account, infrastructure: outputs, grants: [], kubeconfig: JSON.stringify(kubeconfig) };
  const top = await stackOf(stackName('whole', 'platform'), platform(platformInput));
  await top.up({ color: 'never', parallel: 32 });
  expect(await changesOf((options) => top.preview(options))).toEqual([]);
  expect((await changesOf((options) => top.refresh({ ...options, runProgram: true }))).filter((change) => !change.startsWith('refresh'))).toEqual([]);
  expect(await changesOf((options) => top.preview(options))).toEqual([]);

  await ground.destroy({ color: 'never', runProgram: true, parallel: 32 });
  await kubernetes.nodes.settled();
  expect(sandbox.inventory.list('whole')).toEqual([]);
});
