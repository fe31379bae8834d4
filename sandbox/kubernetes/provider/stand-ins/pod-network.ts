import { stringify } from 'yaml';
import { listAt, valueAt, type JsonRecord, type KubeObject } from '../../json.js';
import { calicoKinds } from '../calico-kinds.js';
import { clusterwidePolicies } from '../cilium-kinds.js';
import { accountOf, clusterBinding, filesAt, filesMount, labelsOf, scriptSet, type Replaced, type StandIn } from './stand-in.js';

/** Where nodes write down which part of the pod network is theirs. */
const claims = 'sandbox-pod-networks';

/** The stand-in for Cilium; network policies are kept, but nobody enforces them. */
export const cilium = podNetwork('ipam.operator.clusterPoolIPv4PodCIDRList', ({ values }) => listAt(values, 'ipam', 'operator', 'clusterPoolIPv4PodCIDRList')[0], [clusterwidePolicies]);

/** The stand-in for Calico, the same but for the kinds that it brings. */
export const calico = podNetwork('installation.calicoNetwork.ipPools[0].cidr', ({ values }) => valueAt(listAt(values, 'installation', 'calicoNetwork', 'ipPools')[0], 'cidr'), calicoKinds);

/** The stand-in for Flannel, without kube-proxy: the platform brings one for it. */
export const flannel = podNetwork('podCidr', ({ values }) => values['podCidr'], [], { kubeProxy: false });

/** The stand-in for Amazon's network, without kube-proxy likewise. Its pods have no addresses of the machines' subnets: nobody attaches interfaces to the sandbox's machines. */
export const awsVpcCni = podNetwork('network', () => '100.64.0.0/16', [], { kubeProxy: false });

/** Bridges with a VXLAN between the nodes, and kube-proxy for services where nobody else brings it: `networkOf` finds the pod network in the values, at `field`. */
function podNetwork(field: string, networkOf: (replaced: Replaced) => unknown, kinds: readonly KubeObject[], { kubeProxy } = { kubeProxy: true }): StandIn {
  return { is: kubeProxy ? 'bridge network, kube-proxy' : 'bridge network', objects: (replaced) => {
    const network = networkOf(replaced);
    if (typeof network !== 'string') throw new Error(`release ${replaced.name}: its values say no ${field}, from which the stand-in gives pods their addresses`);
    return [...kinds, ...(kubeProxy ? [clusterBinding(replaced, 'system:node-proxier', 'clusterwright:kube-proxy')] : []), ...objectsOf(replaced, network, kubeProxy)];
  } };
}

function objectsOf(replaced: Replaced, podNetwork: string, kubeProxy: boolean): KubeObject[] {
  const { namespace } = replaced;
  const labels = labelsOf(replaced);
  const role = { apiGroup: 'rbac.authorization.k8s.io', kind: 'Role', name: claims };
  return [
    // An entry that no node has keeps `data` there, into which nodes patch theirs.
    { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: claims, namespace, labels }, data: { _all: podNetwork } },
    { apiVersion: 'rbac.authorization.k8s.io/v1', kind: 'Role', metadata: { name: claims, namespace, labels }, rules: [{ apiGroups: [''], resources: ['configmaps'], resourceNames: [claims], verbs: ['get', 'patch'] }] },
    { apiVersion: 'rbac.authorization.k8s.io/v1', kind: 'RoleBinding', metadata: { name: claims, namespace, labels }, roleRef: role, subjects: [accountOf(replaced)] },
    ...scriptSet(replaced, {
      script: 'network-agent.sh',
      env: { POD_NETWORK: podNetwork },
      files: kubeProxy ? { 'kube-proxy.yaml': stringify(kubeProxyConfiguration(podNetwork)), kubeconfig: stringify(kubeconfigOf(replaced)) } : {},
      rules: [{ apiGroups: [''], resources: ['nodes'], verbs: ['get', 'list', 'watch', 'patch'] }],
      container: {
        securityContext: { privileged: true },
        // Once it is there it stays; a program that is begun in each node's pod every other second costs a machine with many nodes a tenth of its time.
        startupProbe: { exec: { command: ['sh', '-c', 'test -e /etc/cni/net.d/10-sandbox.conflist'] }, periodSeconds: 2, failureThreshold: 300 },
        volumeMounts: [{ name: 'cni', mountPath: '/etc/cni/net.d' }],
      },
      containers: kubeProxy ? [kubeProxyContainer(replaced)] : [],
      volumes: [{ name: 'cni', hostPath: { path: '/etc/cni/net.d', type: 'DirectoryOrCreate' } }],
    }),
  ];
}

function kubeProxyContainer({ kubernetes }: Replaced): JsonRecord {
  return {
    name: 'kube-proxy', image: `registry.k8s.io/kube-proxy:${kubernetes}`, imagePullPolicy: 'Never', securityContext: { privileged: true },
    command: ['kube-proxy', `--config=${filesAt}/kube-proxy.yaml`, '--hostname-override=$(NODE_NAME)'],
    env: [{ name: 'NODE_NAME', valueFrom: { fieldRef: { fieldPath: 'spec.nodeName' } } }],
    readinessProbe: { httpGet: { port: 10256, path: '/livez' }, periodSeconds: 2 },
    volumeMounts: [filesMount],
  };
}

/** https://kubernetes.io/docs/reference/config-api/kube-proxy-config.v1alpha1/ */
function kubeProxyConfiguration(podNetwork: string): object {
  return {
    apiVersion: 'kubeproxy.config.k8s.io/v1alpha1', kind: 'KubeProxyConfiguration',
    mode: 'nftables', clusterCIDR: podNetwork, bindAddressHardFail: false,
    clientConnection: { kubeconfig: `${filesAt}/kubeconfig` },
    // The kernel's table of connections is the machine's, not the host's, to set.
    conntrack: { maxPerCore: 0, min: 0, tcpEstablishedTimeout: '0s', tcpCloseWaitTimeout: '0s' },
  };
}

function kubeconfigOf({ endpoint: { host, port } }: Replaced): object {
  const account = '/var/run/secrets/kubernetes.io/serviceaccount';
  return {
    apiVersion: 'v1', kind: 'Config', 'current-context': 'cluster', contexts: [{ name: 'cluster', context: { cluster: 'cluster', user: 'account' } }],
    clusters: [{ name: 'cluster', cluster: { server: `https://${host}:${port}`, 'certificate-authority': `${account}/ca.crt` } }],
    users: [{ name: 'account', user: { tokenFile: `${account}/token` } }],
  };
}
