import { beforeAll, describe, expect, it } from 'vitest';
import { kubernetesReleases } from '../../model/spec.js';
import { packagesHost } from '../../sandbox/hosts/packages.js';
import { whyNoHosts } from '../../tools/setup/hosts.mjs';
import { shortRequest, type PortalJob } from '../support/portal.js';
import { useService } from '../support/use-service.js';
import { RealCluster, realPool } from './real-cluster.js';

// Where nothing may be skipped, set-up has failed already on a machine that cannot have hosts.
describe.skipIf(whyNoHosts() !== undefined)('machines of an image without containerd and Kubernetes', () => {
  const { service, portal } = useService({ CLUSTERWRIGHT_SANDBOX_NODES: 'real', CLUSTERWRIGHT_SANDBOX_IMAGE: 'plain' });
  const cluster = new RealCluster(service, 'plain');
  const kubernetes = kubernetesReleases['1.35'];
  let created: PortalJob;

  beforeAll(async () => {
    created = await portal.change('POST', '/clusters', { ...shortRequest('plain'), nodePools: [realPool('aws', 1, 1)], machines: { packageMirror: `https://${packagesHost}` } });
    if (created.state === 'succeeded') await cluster.look();
  });

  it('become a control plane and a worker', async () => {
    expect(created.error).toBeNull();
    expect(await cluster.lines('nodes', '{.status.conditions[?(@.type=="Ready")].status} {.status.nodeInfo.kubeletVersion}')).toEqual(Array(2).fill(`True v${kubernetes}`));
  });

  it('have got both from the package mirror that the spec names, and hold them', async () => {
    for (const host of [cluster.controlPlane, cluster.worker]) {
      const installed = await cluster.inside(host, 'dpkg-query', '--show', '--showformat', '${db:Status-Abbrev}${Package} ${Version}\\n', 'kubeadm', 'kubectl', 'kubelet', 'containerd');
      expect(installed.trim().split('\n')).toEqual([expect.stringMatching(/^hi containerd 2\./), ...['kubeadm', 'kubectl', 'kubelet'].map((name) => `hi ${name} ${kubernetes}-1.1`)]);
      expect(await cluster.inside(host, 'apt-cache', 'policy', 'kubelet')).toContain(`https://${packagesHost}/v1.35/deb`);
      expect((await cluster.inside(host, 'apt-mark', 'showhold')).split('\n')).toEqual(expect.arrayContaining(['containerd', 'cri-tools', 'kubeadm', 'kubectl', 'kubelet', 'kubernetes-cni', 'runc']));
    }
  });

  it('run what a pod is made of', async () => {
    await cluster.kubectl(['run', 'hello', '--image', 'busybox:1.35', '--image-pull-policy', 'Never', '--restart', 'Never', '--command', '--', 'sh', '-c', 'echo from a plain machine']);
    await cluster.kubectl(['wait', 'pod/hello', '--for', 'jsonpath={.status.phase}=Succeeded', '--timeout', '60s']);
    // A new kubelet's serving certificate is approved within a quarter of a minute.
    await expect.poll(() => cluster.kubectl(['logs', 'hello']).catch(String), { timeout: 30_000 }).toBe('from a plain machine\n');
  });
});
