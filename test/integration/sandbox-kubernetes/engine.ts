import { mkdtemp, rm, writeFile, chmod, readFile } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { LocalWorkspace, PulumiCommand, type EngineEvent, type PulumiFn, type Stack } from '@pulumi/pulumi/automation/index.js';
import { Clock } from '../../../sandbox/clock.js';
import { Faults } from '../../../sandbox/faults.js';
import { Journal } from '../../../sandbox/inventory/journal.js';
import { kubernetesProvider } from '../../../sandbox/kubernetes/provider/index.js';
import { Latency } from '../../../sandbox/latency.js';
import { serveProvider } from '../../../sandbox/protocol/index.js';
import { Requests } from '../../../sandbox/requests.js';
import { engineUrl } from '../../../worker/operation/environment.js';
import type { ChartPlaces } from '../../../sandbox/kubernetes/provider/chart-source.js';
import type { CertificateAuthority, KeyPair } from '../../../sandbox/kubernetes/pki.js';

/** What the engine needs of a cluster. */
export interface ReachableCluster {
  /** Where it listens; absent: 127.0.0.1. */
  readonly host?: string;
  readonly port: number;
  readonly authority: CertificateAuthority;
  /** Of the group `clusterwright:provisioners`. */
  readonly admin: KeyPair;
}

/** The real engine with the emulated kubernetes provider attached, in a folder of its own. */
export interface TestEngine {
  faults: Faults;
  /** As Clusterwright writes it: constant, with an exec plugin. */
  kubeconfig(cluster: ReachableCluster): string;
  /** How often the exec plugin ran. */
  pluginRuns(): Promise<number>;
  stack(name: string, program: PulumiFn): Promise<Stack>;
  stop(): Promise<void>;
}

/** @param places where charts come from, where the cluster is a real one */
export async function startEngine(cluster: ReachableCluster, places?: ChartPlaces): Promise<TestEngine> {
  const folder = await mkdtemp(path.join(os.tmpdir(), 'engine-'));
  const plugin = path.join(folder, 'clusterwright-credential');
  const runs = path.join(folder, 'runs');
  const credential = { apiVersion: 'client.authentication.k8s.io/v1', kind: 'ExecCredential', status: { clientCertificateData: cluster.admin.certificate, clientKeyData: cluster.admin.key, expirationTimestamp: new Date(Date.now() + 3_600_000).toISOString() } };
  await writeFile(path.join(folder, 'credential.json'), JSON.stringify(credential));
  await writeFile(plugin, `#!/bin/sh\n[ "$CREDENTIAL_HOME" = "${folder}" ] || { echo "no home: $KUBERNETES_EXEC_INFO" >&2; exit 3; }\necho run >> "${runs}"\ncat "$CREDENTIAL_HOME/credential.json"\n`);
  await chmod(plugin, 0o755);

  const journal = await Journal.open(path.join(folder, 'journal.jsonl'));
  const faults = new Faults();
  const served = await serveProvider(kubernetesProvider(new Requests(faults, new Clock(journal), new Latency(0)), { CREDENTIAL_HOME: folder }, places));
  const command = await PulumiCommand.get({ root: path.join(os.homedir(), '.cache/clusterwright/pulumi/v3.230.0'), skipVersionCheck: true });
  const envVars = {
    PULUMI_BACKEND_URL: engineUrl(`file://${folder}`), PULUMI_CONFIG_PASSPHRASE: 'test', PULUMI_SKIP_UPDATE_CHECK: 'true', PULUMI_DISABLE_AUTOMATIC_PLUGIN_ACQUISITION: 'true',
    PULUMI_DEBUG_PROVIDERS: `kubernetes:${served.port}`, PULUMI_HOME: path.join(folder, 'home'),
  };
  let stacks = 0;
  return {
    faults,
    kubeconfig: ({ host = '127.0.0.1', port, authority }) => JSON.stringify({
      apiVersion: 'v1', kind: 'Config', 'current-context': 'c', contexts: [{ name: 'c', context: { cluster: 'c', user: 'u' } }],
      clusters: [{ name: 'c', cluster: { server: `https://${host}:${port}`, 'tls-server-name': 'api.test.clusterwright.internal', 'certificate-authority-data': Buffer.from(authority.certificate).toString('base64') } }],
      users: [{ name: 'u', user: { exec: { apiVersion: 'client.authentication.k8s.io/v1', command: plugin, args: ['aws', '--region', 'eu-west-1'], interactiveMode: 'Never' } } }],
    }),
    pluginRuns: async () => (await readFile(runs, 'utf8').catch(() => '')).split('\n').filter(Boolean).length,
    stack: async (name, program) => {
      stacks += 1;
      const workDir = await mkdtemp(path.join(folder, `work-${stacks}-`));
      return LocalWorkspace.createOrSelectStack({ stackName: name, projectName: 'clusterwright', program }, { workDir, pulumiCommand: command, envVars });
    },
    async stop() {
      served.close();
      await journal.close();
      await rm(folder, { recursive: true });
    },
  };
}

/** What the engine did to resources, `op type name`, without what stayed the same. */
export function changes(events: readonly EngineEvent[]): string[] {
  return events.flatMap(({ resourcePreEvent }) => {
    const metadata = resourcePreEvent?.metadata;
    return metadata === undefined || metadata.op === 'same' ? [] : [`${metadata.op} ${metadata.urn.split('::').slice(2).join(' ')}`];
  });
}
