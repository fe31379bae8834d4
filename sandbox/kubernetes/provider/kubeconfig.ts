import { parse } from 'yaml';
import { z } from 'zod';

const execSchema = z.object({
  apiVersion: z.literal('client.authentication.k8s.io/v1'),
  command: z.string().min(1),
  args: z.array(z.string()).default([]),
  env: z.array(z.object({ name: z.string(), value: z.string() })).nullish(),
});

/** How to get a client certificate or token: a command that speaks client.authentication.k8s.io/v1. */
export type ExecPlugin = z.infer<typeof execSchema>;

const kubeconfigSchema = z.object({
  'current-context': z.string().optional(),
  clusters: z.array(z.object({
    name: z.string(),
    cluster: z.object({ server: z.url({ protocol: /^https$/ }), 'certificate-authority-data': z.base64(), 'tls-server-name': z.string().optional() }),
  })).min(1),
  users: z.array(z.object({
    name: z.string(),
    user: z.object({ exec: execSchema.optional(), 'client-certificate-data': z.base64().optional(), 'client-key-data': z.base64().optional(), token: z.string().optional() }),
  })).min(1),
  contexts: z.array(z.object({ name: z.string(), context: z.object({ cluster: z.string(), user: z.string(), namespace: z.string().optional() }) })).min(1),
});

/** What the provider needs of a kubeconfig: its current context, resolved. */
export interface ClusterAccess {
  server: URL;
  /** PEM. */
  authority: string;
  /** Name that the server's certificate must carry. */
  serverName: string;
  namespace: string | undefined;
  user: { exec: ExecPlugin } | { certificate: string; key: string } | { token: string };
}

/**
 * Reads a kubeconfig (YAML or JSON text, or parsed). Only what Clusterwright writes and kubeadm's admin file are understood: HTTPS with CA data, and an exec plugin,
 * a client certificate or a token.
 * @throws Error naming the first field that does not fit; values, which may be secret, are not in the message.
 */
export function readKubeconfig(given: unknown, contextName?: string): ClusterAccess {
  const parsed = kubeconfigSchema.safeParse(typeof given === 'string' ? parseText(given) : given);
  if (!parsed.success) {
    const issue = parsed.error.issues[0];
    throw new Error(`kubeconfig: ${issue?.path.join('.') ?? ''}: ${issue?.message ?? 'not valid'}`);
  }
  const config = parsed.data;
  const wanted = contextName ?? config['current-context'];
  const context = config.contexts.find(({ name }) => name === wanted);
  const cluster = config.clusters.find(({ name }) => name === context?.context.cluster)?.cluster;
  const user = config.users.find(({ name }) => name === context?.context.user)?.user;
  if (context === undefined || cluster === undefined || user === undefined) throw new Error('kubeconfig: current-context: names no context whose cluster and user are there');
  const server = new URL(cluster.server);
  return {
    server, authority: Buffer.from(cluster['certificate-authority-data'], 'base64').toString(), serverName: cluster['tls-server-name'] ?? server.hostname, namespace: context.context.namespace,
    user: credentials(user),
  };
}

/** What Helm gets to reach the same cluster as the same user; it holds the user's key, where there is one. */
export function writeKubeconfig({ server, authority, serverName, user }: ClusterAccess): string {
  const encoded = (text: string): string => Buffer.from(text).toString('base64');
  const credential = 'exec' in user ? { exec: { ...user.exec, interactiveMode: 'Never' } }
    : 'token' in user ? user : { 'client-certificate-data': encoded(user.certificate), 'client-key-data': encoded(user.key) };
  return JSON.stringify({
    apiVersion: 'v1', kind: 'Config', 'current-context': 'cluster', contexts: [{ name: 'cluster', context: { cluster: 'cluster', user: 'user' } }],
    clusters: [{ name: 'cluster', cluster: { server: server.origin, 'tls-server-name': serverName, 'certificate-authority-data': encoded(authority) } }],
    users: [{ name: 'user', user: credential }],
  });
}

function credentials(user: z.infer<typeof kubeconfigSchema>['users'][number]['user']): ClusterAccess['user'] {
  const { exec, token } = user;
  const certificate = user['client-certificate-data'];
  const key = user['client-key-data'];
  if (exec !== undefined) return { exec };
  if (certificate !== undefined && key !== undefined) return { certificate: Buffer.from(certificate, 'base64').toString(), key: Buffer.from(key, 'base64').toString() };
  if (token !== undefined) return { token };
  throw new Error('kubeconfig: users: the user has neither exec, nor a client certificate with its key, nor a token');
}

function parseText(text: string): unknown {
  try {
    return parse(text);
  } catch {
    throw new Error('kubeconfig: it is neither YAML nor JSON; paths to files are not read');
  }
}
