import { execFile } from 'node:child_process';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { promisify } from 'node:util';
import { z } from 'zod';
import { kubernetesReleases } from '../../model/spec.js';
import { Host } from '../../sandbox/hosts/host.js';
import { Space, type Place } from '../../sandbox/hosts/space.js';
import { cacheFolder } from '../../tools/setup/paths.mjs';
import { packageRoot } from '../../worker/package-root.js';

const run = promisify(execFile);
const imageSchema = z.object({ golden: z.record(z.string(), z.array(z.string())), store: z.string() });
const [controlPlanes, workers] = [3, 2];
const endpoint = '10.30.0.11';
const token = 'abcdef.0123456789abcdef';
const certificateKey = '0'.repeat(64);

/** What kubeadm needs of a machine beside the image: a runtime with systemd's control groups, and a network for pods. */
const prepare = (index: number): string => `#!/bin/bash
set -e
sysctl --write net.ipv4.ip_forward=1
mkdir -p /etc/containerd /etc/cni/net.d
cat > /etc/containerd/config.toml <<END
version = 3
imports = ["/etc/containerd/conf.d/*.toml"]
[plugins."io.containerd.cri.v1.images".pinned_images]
  sandbox = "registry.k8s.io/pause:3.10.1"
[plugins."io.containerd.cri.v1.runtime".containerd.runtimes.runc]
  runtime_type = "io.containerd.runc.v2"
[plugins."io.containerd.cri.v1.runtime".containerd.runtimes.runc.options]
  SystemdCgroup = true
END
cat > /etc/cni/net.d/10-bridge.conflist <<END
{"cniVersion":"1.0.0","name":"bare","plugins":[{"type":"bridge","bridge":"pods","isGateway":true,"ipam":{"type":"host-local","ranges":[[{"subnet":"10.244.${index}.0/24"}]],"routes":[{"dst":"0.0.0.0/0"}]}}]}
END
systemctl start containerd
systemctl enable kubelet
touch /run/prepared
`;

const init = `cat > /root/init.yaml <<END
apiVersion: kubeadm.k8s.io/v1beta4
kind: InitConfiguration
bootstrapTokens: [{token: ${token}}]
certificateKey: "${certificateKey}"
localAPIEndpoint: {advertiseAddress: ${endpoint}}
---
apiVersion: kubeadm.k8s.io/v1beta4
kind: ClusterConfiguration
kubernetesVersion: VERSION
controlPlaneEndpoint: "${endpoint}:6443"
---
apiVersion: kubelet.config.k8s.io/v1beta1
kind: KubeletConfiguration
cgroupDriver: systemd
---
apiVersion: kubeproxy.config.k8s.io/v1alpha1
kind: KubeProxyConfiguration
mode: nftables
conntrack: {maxPerCore: 0, min: 0, tcpEstablishedTimeout: 0s, tcpCloseWaitTimeout: 0s}
END
sed -i "s/VERSION/$(kubeadm version --output short)/" /root/init.yaml
kubeadm init --config /root/init.yaml --upload-certs
`;

const join = (address: string, controlPlane: boolean): string => `cat > /root/join.yaml <<END
apiVersion: kubeadm.k8s.io/v1beta4
kind: JoinConfiguration
discovery: {bootstrapToken: {token: ${token}, apiServerEndpoint: "${endpoint}:6443", unsafeSkipCAVerification: true}}
${controlPlane ? `controlPlane: {certificateKey: "${certificateKey}", localAPIEndpoint: {advertiseAddress: ${address}}}` : ''}
END
kubeadm join --config /root/join.yaml
`;

/** Runs a script in a host. Rejects where it fails, with all that it said. */
async function inside(host: Host, script: string): Promise<string> {
  const pid = await host.pid();
  if (pid === undefined) throw new Error(`${host.description.name} does not run`);
  return (await run('nsenter', ['--target', String(pid), '--all', 'bash', '-c', script], { maxBuffer: 16 * 2 ** 20 })).stdout;
}

/** Tries again until it succeeds, for two minutes. */
async function until(attempt: () => Promise<unknown>): Promise<void> {
  const begun = Date.now();
  while (!(await attempt().then(() => true, () => false))) {
    if (Date.now() - begun > 120_000) throw new Error('after two minutes it is still not so');
    await wait(200);
  }
}

/**
 * The same number of hosts with nothing but `kubeadm init` and `join` by script, everything prepared, no cloud, no load balancer: what is left when all of ours is taken away.
 * @returns seconds from the first boot to all nodes Ready
 */
export async function bareKubeadmSeconds(): Promise<number> {
  const folder = await mkdtemp(path.join(os.tmpdir(), 'bare-kubeadm-'));
  const { golden, store } = imageSchema.parse(JSON.parse(await readFile(path.join(cacheFolder(), 'hosts', 'images.json'), 'utf8')));
  const space = new Space(`bare-${process.pid}`);
  const places = Array.from({ length: controlPlanes + workers }, (_, index): Place => ({ space: `bare-${process.pid}-${index}`, address: `10.30.0.${11 + index}`, prefixLength: 24, gateway: '10.30.0.1' }));
  const hosts = places.map(({ space: name }, index) => new Host(path.join(folder, String(index)), path.join(packageRoot(), 'sandbox/hosts'), {
    id: `bare-${index}`, name: `bare-${index}`, space: name, layers: golden[kubernetesReleases['1.35']] ?? [], store, nameServers: [], files: {},
    userData: Buffer.from(prepare(index)),
  }, (error) => {
    throw error;
  }));
  try {
    await space.open();
    for (const place of places) await space.attach(place);
    const begun = Date.now();
    const [first, ...others] = hosts;
    if (first === undefined) throw new Error('there is no host');
    await Promise.all(hosts.map(async (host) => {
      await host.boot();
      await until(() => inside(host, 'test -e /run/prepared'));
    }));
    await inside(first, init);
    const joined = (host: Host): Promise<string> => inside(host, join(places[hosts.indexOf(host)]?.address ?? '', hosts.indexOf(host) < controlPlanes));
    await Promise.all([
      // A member of etcd is added at a time.
      others.slice(0, controlPlanes - 1).reduce(async (before, host) => before.then(() => joined(host)), Promise.resolve('')),
      ...others.slice(controlPlanes - 1).map(joined),
    ]);
    await inside(first, 'kubectl --kubeconfig /etc/kubernetes/admin.conf wait --for condition=Ready node --all --timeout 120s');
    return (Date.now() - begun) / 1000;
  } finally {
    for (const host of hosts) await host.remove();
    for (const place of places) await space.detach(place.space);
    await space.close();
    await rm(folder, { recursive: true, force: true });
  }
}
