import path from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { GetParametersCommand, SSMClient } from '@aws-sdk/client-ssm';
import { LocalWorkspace, type OutputMap } from '@pulumi/pulumi/automation/index.js';
import { clusterSpecSchema } from '../../model/spec.js';
import { provisionerKubeconfig } from '../../model/kubeconfig.js';
import { apiServerPort, endpointName } from '../../model/names.js';
import { secretName, secretNames } from '../../model/rendezvous.js';
import { infrastructure } from '../../programs/aws/index.js';
import { platform } from '../../programs/platform/index.js';
import { infrastructureOutputs } from '../../worker/engine/outputs.js';
import { loadAccounts } from '../../bin/accounts.js';

// What a script does that runs our two programs through the Automation API as its documentation shows it, and nothing else: no queue, no records, no
// checks, no guard. It is what a job's time is held against. Arguments: home, spec as JSON, slot, uid, and a folder for backend and work; run again with the same, it
// is an update without a change.
const [home = '', specText = '', slotText = '', uid = '', work = ''] = process.argv.slice(2);
const slot = Number(slotText);
const spec = clusterSpecSchema.parse(JSON.parse(specText));
const account = (await loadAccounts(path.join(home, 'accounts.yaml')))[spec.account]?.aws;
if (!account) throw new Error(`the account ${spec.account} is not in the accounts file`);

async function up(name: string, program: () => Promise<Record<string, unknown>>): Promise<OutputMap> {
  const stack = await LocalWorkspace.createOrSelectStack(
    { stackName: `${spec.name}-${name}`, projectName: 'bare', program },
    {
      workDir: work,
      projectSettings: { name: 'bare', runtime: 'nodejs', backend: { url: `file://${work}` } },
      envVars: { PULUMI_CONFIG_PASSPHRASE: 'bench', PULUMI_SKIP_UPDATE_CHECK: 'true', PULUMI_DISABLE_AUTOMATIC_PLUGIN_ACQUISITION: 'true' },
    },
  );
  return (await stack.up({ parallel: 32, color: 'never' })).outputs;
}

const made = await up('infrastructure', infrastructure({ spec, uid, slot, installation: 'bare', account, retainBackups: false }));
const outputs = infrastructureOutputs(Object.fromEntries(Object.entries(made).map(([name, output]) => [name, output.value])), 'infrastructure');
const certificateAuthority = await published(secretName(uid, secretNames.certificateAuthority));
await published(secretName(uid, secretNames.provisionerClient));
const endpoint = `https://${endpointName(spec.name, spec.network.domain)}:${apiServerPort}`;
const kubeconfig = JSON.stringify(provisionerKubeconfig(spec, uid, { endpoint, address: outputs.apiServerAddress, certificateAuthority }, account));
await up('platform', platform({ spec, uid, slot, installation: 'bare', account, infrastructure: outputs, grants: [], kubeconfig }));

/** Waits for a parameter that the control plane publishes. */
async function published(parameter: string): Promise<string> {
  const client = new SSMClient({ region: spec.region });
  for (;;) {
    const { Parameters = [] } = await client.send(new GetParametersCommand({ Names: [parameter], WithDecryption: true }));
    const value = Parameters[0]?.Value;
    if (value !== undefined) return value;
    await wait(50);
  }
}
