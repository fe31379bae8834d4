import type { Connection } from './cluster.js';
import { endpointName, apiServerPort } from './names.js';
import type { Account } from './accounts.js';
import { secretName, secretNames, vaultSecret } from './rendezvous.js';
import type { ClusterSpec } from './spec.js';

/** An exec credential plugin, in kubeconfig's form. */
interface ExecPlugin {
  apiVersion: string;
  command: string;
  args: string[];
  interactiveMode: 'Never' | 'IfAvailable';
  installHint?: string;
}

/** A kubeconfig with one cluster, user and context; JSON is YAML. */
export interface Kubeconfig {
  apiVersion: 'v1';
  kind: 'Config';
  clusters: { name: string; cluster: Record<string, string> }[];
  users: { name: string; user: { exec: ExecPlugin } }[];
  contexts: { name: string; context: { cluster: string; user: string } }[];
  'current-context': string;
}

function kubeconfig(cluster: string, server: Record<string, string>, user: string, exec: ExecPlugin): Kubeconfig {
  return {
    apiVersion: 'v1',
    kind: 'Config',
    clusters: [{ name: cluster, cluster: server }],
    users: [{ name: user, user: { exec } }],
    contexts: [{ name: cluster, context: { cluster, user } }],
    'current-context': cluster,
  };
}

const base64 = (text: string): string => Buffer.from(text, 'utf8').toString('base64');

/** What people get: CA, stable endpoint and kubelogin against Entra. There is no secret in it. */
export function userKubeconfig(spec: ClusterSpec, connection: Connection): Kubeconfig {
  const { tenantId, clientId } = spec.access.entra;
  return kubeconfig(spec.name, { server: connection.endpoint, 'certificate-authority-data': base64(connection.certificateAuthority) }, `${spec.name}-entra`, {
    apiVersion: 'client.authentication.k8s.io/v1',
    command: 'kubelogin',
    args: ['get-token', '--environment', 'AzurePublicCloud', '--server-id', clientId, '--client-id', clientId, '--tenant-id', tenantId],
    interactiveMode: 'IfAvailable',
    installHint: 'kubelogin (Azure/kubelogin) signs you in with Microsoft Entra ID; install it and run this again.',
  });
}

/**
 * The provisioner's own kubeconfig, for the kubernetes provider and the worker. It is constant: it names the exec plugin that reads the current
 * client certificate, so a renewed certificate is no change and nothing short-lived stands in the state.
 */
export function provisionerKubeconfig(spec: ClusterSpec, uid: string, connection: Connection, account: Account): Kubeconfig {
  return kubeconfig(
    spec.name,
    {
      server: `https://${connection.address}:${apiServerPort}`,
      'tls-server-name': endpointName(spec.name, spec.network.domain),
      'certificate-authority-data': base64(connection.certificateAuthority),
    },
    'clusterwright-provisioner',
    {
      apiVersion: 'client.authentication.k8s.io/v1',
      command: 'clusterwright-credential',
      args: credentialArguments(spec, uid, account),
      interactiveMode: 'Never',
    },
  );
}

/** How the plugin reads the provisioner's client certificate: where it lies, and who to be in the account. */
function credentialArguments({ name, region }: ClusterSpec, uid: string, account: Account): string[] {
  switch (account.provider) {
    case 'aws':
      return [
        'aws', '--region', region, '--parameter', secretName(uid, secretNames.provisionerClient),
        ...(account.roleArn ? ['--role-arn', account.roleArn] : []),
        ...(account.externalId ? ['--external-id', account.externalId] : []),
      ];
    case 'azure': {
      const { vault, name: secret } = vaultSecret({ name, uid }, secretNames.provisionerClient);
      return ['azure', '--vault', vault, '--secret', secret, '--tenant-id', account.tenantId, ...(account.clientId ? ['--client-id', account.clientId] : [])];
    }
  }
}
