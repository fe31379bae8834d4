import { createHash } from 'node:crypto';
import { ConfigMap } from '@pulumi/kubernetes/core/v1/configMap.js';
import type * as pulumi from '@pulumi/pulumi';
import { stringify } from 'yaml';
import { apiServerPort, endpointName } from '../../model/names.js';
import { kubernetesReleases, type ClusterSpec } from '../../model/spec.js';
import type { AddonName } from './charts.js';
import type { PlatformContext } from './context.js';
import { managedLabels } from './names.js';
import { agentNamespace, nodeAgent } from './node-agent.js';

/** `kubeadm upgrade` reads the ConfigMap of this name where there is one, and fails unless it has `config.conf`. */
const name = 'kube-proxy';
/** Where it finds its configuration. */
const configAt = '/etc/kube-proxy';
/** Health, which load balancers of Services ask every node for. */
const healthPort = 10256;

/**
 * kube-proxy, under Flannel and Amazon's network: Cilium and Calico lead to Services by themselves. It is here and not left to kubeadm, which would never change it again. Gives what has to come after it. It is not waited
 * for: Flannel's release waits for Flannel, which waits for the service address of the API server.
 */
export function serveServices(context: PlatformContext): [AddonName, pulumi.Resource][] {
  const { input: { spec }, options } = context;
  const { cni } = spec.platform;
  if (cni !== 'flannel' && cni !== 'aws-vpc-cni') return [];
  const files = kubeProxyFiles(spec);
  const config = new ConfigMap(name, { metadata: { name, namespace: agentNamespace, labels: managedLabels }, data: files }, options);
  const proxies = nodeAgent(context, {
    name,
    role: { name: 'system:node-proxier' },
    // A pod does not begin anew when its files change, unless something in its template does.
    podAnnotations: { 'clusterwright.io/files': createHash('sha256').update(JSON.stringify(files)).digest('hex') },
    pod: kubeProxyPod(spec),
    after: [config],
  });
  return [[cni, proxies]];
}

/** The configuration, and the way to the API server: by its stable name, for the service address is what this is to make. https://kubernetes.io/docs/reference/config-api/kube-proxy-config.v1alpha1/ */
export function kubeProxyFiles({ name: cluster, network, platform }: ClusterSpec): Record<'config.conf' | 'kubeconfig', string> {
  const account = '/var/run/secrets/kubernetes.io/serviceaccount';
  return {
    'config.conf': stringify({
      apiVersion: 'kubeproxy.config.k8s.io/v1alpha1',
      kind: 'KubeProxyConfiguration',
      mode: 'nftables',
      // What comes from pods is not translated. With Amazon's network they have no range that no machine has: it names the hosts' ends of their links `eni…`.
      ...(platform.cni === 'aws-vpc-cni' ? { detectLocalMode: 'InterfaceNamePrefix', detectLocal: { interfaceNamePrefix: 'eni' } } : { clusterCIDR: network.podCidr }),
      healthzBindAddress: `0.0.0.0:${healthPort}`,
      // CIS 4.3.1.
      metricsBindAddress: '127.0.0.1:10249',
      clientConnection: { kubeconfig: `${configAt}/kubeconfig` },
      // The table of connections is the machines' to set: 90-clusterwright.conf.
      conntrack: { maxPerCore: 0, min: 0, tcpEstablishedTimeout: '0s', tcpCloseWaitTimeout: '0s' },
    }),
    kubeconfig: stringify({
      apiVersion: 'v1',
      kind: 'Config',
      'current-context': cluster,
      contexts: [{ name: cluster, context: { cluster, user: name } }],
      clusters: [{ name: cluster, cluster: { server: `https://${endpointName(cluster, network.domain)}:${apiServerPort}`, 'certificate-authority': `${account}/ca.crt` } }],
      users: [{ name, user: { tokenFile: `${account}/token` } }],
    }),
  };
}

/** The pod: on every node, before anything else runs there. Of root's rights it has the one to change the network. */
export function kubeProxyPod({ kubernetesVersion }: ClusterSpec) {
  const probe = { httpGet: { port: healthPort, path: '/livez' } };
  return {
    serviceAccountName: name,
    hostNetwork: true,
    priorityClassName: 'system-node-critical',
    tolerations: [{ operator: 'Exists' }],
    containers: [{
      name,
      image: `registry.k8s.io/kube-proxy:v${kubernetesReleases[kubernetesVersion]}`,
      command: ['/usr/local/bin/kube-proxy', `--config=${configAt}/config.conf`, '--hostname-override=$(NODE_NAME)'],
      env: [{ name: 'NODE_NAME', valueFrom: { fieldRef: { fieldPath: 'spec.nodeName' } } }],
      livenessProbe: { ...probe, initialDelaySeconds: 30, periodSeconds: 30 },
      readinessProbe: { ...probe, periodSeconds: 10 },
      resources: { requests: { cpu: '50m', memory: '64Mi' }, limits: { memory: '256Mi' } },
      securityContext: { allowPrivilegeEscalation: false, readOnlyRootFilesystem: true, capabilities: { drop: ['ALL'], add: ['NET_ADMIN'] } },
      volumeMounts: [{ name: 'config', mountPath: configAt, readOnly: true }],
    }],
    volumes: [{ name: 'config', configMap: { name, defaultMode: 0o600 } }],
  };
}
