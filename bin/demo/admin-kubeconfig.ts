import { z } from 'zod';

/** An administrator's kubeconfig of a cluster with real nodes, which only its sandbox can give. @param control the sandbox's endpoint */
export async function adminKubeconfig(control: string, name: string): Promise<string> {
  const answer = await fetch(`${control}/clusters/${encodeURIComponent(name)}/kubeconfig`);
  if (!answer.ok) throw new Error(`The sandbox gives no kubeconfig of ${name}: ${await answer.text()}`);
  return z.object({ kubeconfig: z.string() }).parse(await answer.json()).kubeconfig;
}
