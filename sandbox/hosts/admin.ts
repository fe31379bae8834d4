import { readFile } from 'node:fs/promises';
import { parse, stringify } from 'yaml';
import { z } from 'zod';

/** Where kubeadm puts an administrator's kubeconfig, on control planes alone. */
export const adminFile = 'etc/kubernetes/admin.conf';

const kubeconfigSchema = z.looseObject({ clusters: z.array(z.looseObject({ name: z.string(), cluster: z.looseObject({ server: z.url() }) })).min(1) });

/**
 * An administrator's kubeconfig that works from this machine: that which kubeadm has left on a control plane, with the way in that leads to its load balancer.
 * @param file the control plane's
 * @param address of the load balancer, on loopback
 */
export async function adminKubeconfig(file: string, address: string): Promise<string> {
  const config = kubeconfigSchema.parse(parse(await readFile(file, 'utf8')));
  const clusters = config.clusters.map(({ name, cluster }) => {
    const server = new URL(cluster.server);
    return { name, cluster: { ...cluster, server: `https://${address}:${server.port}`, 'tls-server-name': server.hostname } };
  });
  return stringify({ ...config, clusters });
}
