import { z } from 'zod';
import { Refusal, type ControlCall, type ControlCalls } from '../control.js';
import type { RealNodes } from './real-nodes.js';

const powerSchema = z.strictObject({ on: z.boolean() });

/**
 * Calls about hosts: `GET /hosts` lists them, `POST /hosts/ID/power {on}` cuts one's power without a word, or switches it on again, `GET /clusters/NAME/kubeconfig` gives
 * an administrator's kubeconfig for the loopback address of a cluster's load balancer.
 */
export function hostCalls(nodes: RealNodes): ControlCalls {
  return (call) => {
    if (call.route === 'GET /hosts') return list(nodes);
    const machine = /^POST \/hosts\/([^/]+)\/power$/.exec(call.route)?.[1];
    const cluster = /^GET \/clusters\/([^/]+)\/kubeconfig$/.exec(call.route)?.[1];
    if (cluster !== undefined) return kubeconfig(nodes, cluster);
    return machine === undefined ? undefined : setPower(nodes, decodeURIComponent(machine), call);
  };
}

async function list(nodes: RealNodes): Promise<unknown> {
  const items = nodes.machines().flatMap(({ id, name, network, address }) => {
    const host = nodes.host(id);
    return host === undefined ? [] : [{ id, name, network, address, host }];
  });
  // By its first process people and tests enter a host: nsenter --target PID --all.
  return { items: await Promise.all(items.map(async ({ host, ...machine }) => ({ ...machine, running: host.isRunning, pid: (await host.pid()) ?? null, console: host.console }))) };
}

async function kubeconfig(nodes: RealNodes, cluster: string): Promise<unknown> {
  const found = await nodes.kubeconfig(cluster);
  if (found === undefined) throw new Refusal(404, `no control plane of ${cluster} has been made on a host`);
  return { kubeconfig: found };
}

async function setPower(nodes: RealNodes, machine: string, call: ControlCall): Promise<unknown> {
  const { on } = await call.read(powerSchema);
  const host = nodes.host(machine);
  if (host === undefined) throw new Refusal(404, `no host runs for the machine ${machine}`);
  await (on ? host.boot() : host.kill());
  return { id: machine, running: host.isRunning };
}
