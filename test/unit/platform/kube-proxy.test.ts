import { describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import { kubernetesReleases } from '../../../model/spec.js';
import { kubeProxyFiles, kubeProxyPod } from '../../../programs/platform/kube-proxy.js';
import { specOf } from './clusters.js';

const spec = specOf('hardened', { platform: { cni: 'flannel' } });

describe('kube-proxy', () => {
  it('knows pods by their network, shows its health to load balancers and its metrics to nobody', () => {
    expect(parse(kubeProxyFiles(spec)['config.conf'])).toMatchObject({
      mode: 'nftables', clusterCIDR: spec.network.podCidr, healthzBindAddress: '0.0.0.0:10256', metricsBindAddress: '127.0.0.1:10249', clientConnection: { kubeconfig: '/etc/kube-proxy/kubeconfig' },
    });
  });

  it('knows pods of Amazon\'s network by their links, since machines have addresses of the same range', () => {
    const config = parse(kubeProxyFiles(specOf('production', { platform: { cni: 'aws-vpc-cni' } }))['config.conf']) as object;
    expect(config).toMatchObject({ mode: 'nftables', detectLocalMode: 'InterfaceNamePrefix', detectLocal: { interfaceNamePrefix: 'eni' } });
    expect(config).not.toHaveProperty('clusterCIDR');
  });

  it('calls the API server by its stable name, with the token of its account', () => {
    const { clusters, users } = parse(kubeProxyFiles(spec).kubeconfig) as { clusters: { cluster: { server: string } }[]; users: { user: object }[] };
    expect(clusters[0]?.cluster.server).toBe('https://api.payments-prod.clusterwright.internal:6443');
    expect(users[0]?.user).toEqual({ tokenFile: '/var/run/secrets/kubernetes.io/serviceaccount/token' });
  });

  it('is of the cluster\'s own release, on every node, with the right to change the network and no other', () => {
    const pod = kubeProxyPod(spec);
    const [container] = pod.containers;
    expect(container?.image).toBe(`registry.k8s.io/kube-proxy:v${kubernetesReleases[spec.kubernetesVersion]}`);
    expect(container?.securityContext).toEqual({ allowPrivilegeEscalation: false, readOnlyRootFilesystem: true, capabilities: { drop: ['ALL'], add: ['NET_ADMIN'] } });
    expect(pod).toMatchObject({ hostNetwork: true, tolerations: [{ operator: 'Exists' }], volumes: [{ configMap: { defaultMode: 0o600 } }] });
  });
});
