import { mailPortsOf } from '../../model/alerting.js';
import { apiServerPort } from '../../model/names.js';
import type { Platform } from '../../model/platform.js';
import type { ClusterSpec } from '../../model/spec.js';
import { storageServers } from '../../model/storage.js';
import type { AwsAccount } from '../../model/accounts.js';

/** Groups of network interfaces. `nodes` holds every machine; `control-plane` and `workers` are what machines of one role need besides. */
export const securityGroups = {
  nodes: 'All machines of the cluster',
  'control-plane': 'Machines of the control plane',
  workers: 'Machines of the node pools',
  'load-balancer': 'Internal load balancer of the API server',
  'public-load-balancer': 'Public load balancer of the API server',
  endpoints: 'Interface endpoints of AWS services',
} as const;
export type SecurityGroupName = keyof typeof securityGroups;

/** One needed port, or range of ports, with one peer. */
export interface SecurityRule {
  /** Short and unique within group and direction; part of the resource's name. */
  readonly name: string;
  readonly group: SecurityGroupName;
  readonly direction: 'in' | 'out';
  readonly protocol: 'tcp' | 'udp' | 'icmp';
  readonly from: number;
  readonly to: number;
  readonly peer: { readonly group: SecurityGroupName } | { readonly cidr: string };
  readonly description: string;
}

type Port = Pick<SecurityRule, 'protocol' | 'from' | 'to' | 'description'>;

const tcp = (port: number, description: string, to = port): Port => ({ protocol: 'tcp', from: port, to, description });
const udp = (port: number, description: string, to = port): Port => ({ protocol: 'udp', from: port, to, description });

const apiServer = tcp(apiServerPort, 'Kubernetes API');
const anywhere = '0.0.0.0/0';

/** The pod network between any two machines. With the overlay, pods' own ports travel inside VXLAN; only host-network ports need a rule. */
const podNetwork: Readonly<Record<Platform['cni'], Readonly<Record<string, Port>>>> = {
  cilium: {
    vxlan: udp(8472, 'Cilium overlay'),
    wireguard: udp(51871, 'Cilium encryption'),
    'cilium-health': tcp(4240, 'Cilium health checks'),
    // ICMP has a type and a code in the places of ports: echo request is type 8, code 0.
    echo: { protocol: 'icmp', from: 8, to: 0, description: 'Cilium health checks by echo request' },
    hubble: tcp(4244, 'Hubble peers'),
  },
  calico: {
    vxlan: udp(4789, 'Calico overlay'),
    wireguard: udp(51820, 'Calico encryption'),
    typha: tcp(5473, 'Calico agents to Typha'),
  },
  // An encrypted tunnel that is no overlay: packets of pods travel inside it.
  flannel: { wireguard: udp(51820, 'Flannel tunnel, encrypted') },
  // Pods' own ports are no ports of a tunnel: see podPorts.
  'aws-vpc-cni': {},
};

/** Between any two machines, whatever the pod network. */
const betweenNodes: Readonly<Record<string, Port>> = { kubelet: tcp(10250, 'Kubelet: logs, exec and metrics') };

/** Host-network ports that Prometheus scrapes. */
const metrics: Readonly<Record<string, Port>> = { 'node-exporter': tcp(9100, 'Metrics of machines') };
const networkMetrics: typeof podNetwork = {
  cilium: { 'cilium-metrics': tcp(9962, 'Metrics of Cilium agents'), 'cilium-operator-metrics': tcp(9963, 'Metrics of Cilium operators') },
  calico: {},
  flannel: {},
  'aws-vpc-cni': { 'pod-network-metrics': tcp(61678, 'Metrics of the pod network') },
};

/**
 * Where pods have addresses and groups of their machines, what they say to pods elsewhere needs rules as what machines say: any port of a worker, and on control planes, where pods are few, every port but the
 * system's own (name resolution is let in) and etcd's. ICMP, whole, tells pods how long a packet may be: type and code -1 are all of them.
 */
function podPorts({ platform }: ClusterSpec): SecurityRule[] {
  if (platform.cni !== 'aws-vpc-cni') return [];
  const echo: Port = { protocol: 'icmp', from: -1, to: -1, description: 'Pods: errors on the way' };
  return [
    ...flow('pods-tcp', tcp(1, 'Pods', 65535), 'nodes', 'workers'),
    ...flow('pods-udp', udp(1, 'Pods', 65535), 'nodes', 'workers'),
    ...flow('pods-icmp', echo, 'nodes', 'nodes'),
    ...flow('pods-dns-tcp', tcp(53, 'Cluster DNS'), 'nodes', 'control-plane'),
    ...flow('pods-dns-udp', udp(53, 'Cluster DNS'), 'nodes', 'control-plane'),
    ...flow('pods-tcp-below-etcd', tcp(1024, 'Pods', 2378), 'nodes', 'control-plane'),
    ...flow('pods-tcp-above-etcd', tcp(2382, 'Pods', 65535), 'nodes', 'control-plane'),
    ...flow('pods-udp', udp(1024, 'Pods', 65535), 'nodes', 'control-plane'),
  ];
}

/** All rules of a cluster's groups. What is not listed is closed, in both directions; AWS lets name resolution, time and metadata of its own network through by itself. */
export function securityRules(spec: ClusterSpec, account: AwsAccount): SecurityRule[] {
  const { apiServer: { public: isPublic, allowedCidrs }, cidr } = spec.network;
  const { cni, monitoring } = spec.platform;
  return [
    ...Object.entries({ ...podNetwork[cni], ...betweenNodes, ...(monitoring === 'prometheus' ? { ...metrics, ...networkMetrics[cni] } : {}) }).flatMap(([name, port]) => flow(name, port, 'nodes', 'nodes')),
    ...podPorts(spec),
    ...flow('etcd', tcp(2379, 'etcd clients and peers', 2380), 'control-plane', 'control-plane'),
    // Pods reach the service "kubernetes", which stands for the control planes' own addresses; the rest goes through the load balancer.
    ...flow('api', apiServer, 'nodes', 'control-plane'),
    ...flow('api', apiServer, 'nodes', 'load-balancer'),
    ...flow('api', apiServer, 'load-balancer', 'control-plane'),
    ...(isPublic ? flow('api', apiServer, 'public-load-balancer', 'control-plane') : []),
    ...flow('https', tcp(443, 'AWS services over interface endpoints'), 'nodes', 'endpoints'),

    // Load balancers of services stand in public or node subnets, which together are the whole network; peers of the network are outside it.
    into('workers', 'node-ports', tcp(30000, 'Services behind load balancers', 32767), cidr),
    into('workers', 'service-health', tcp(10256, 'Health checks of service load balancers'), cidr),
    ...(account.reach.type === 'peering' ? [into('load-balancer', 'api-provisioner', tcp(apiServerPort, 'Kubernetes API for the provisioner'), account.reach.cidr)] : []),
    ...allowedCidrs.map((allowed) => into(isPublic ? 'public-load-balancer' : 'load-balancer', `api-${allowed.replace(/[./]/g, '-')}`, apiServer, allowed)),

    outOf('nodes', 'https', tcp(443, 'Registries, cloud APIs, sign-in'), anywhere),
    outOf('nodes', 'http', tcp(80, 'Ubuntu package mirrors'), anywhere),
    ...storageServers(spec.storage).flatMap(({ kind, port, cidrs }) => cidrs.map((server) => outOf('nodes', `${kind}-${server.replace(/[./]/g, '-')}`, tcp(port, 'Storage that the spec names'), server))),
    // A group knows no names, and a mail server's addresses change. Within the cluster Alertmanager alone gets as far.
    ...mailPortsOf(spec.alerting).map((port) => outOf('workers', `mail-${port}`, tcp(port, 'Alerts by mail'), anywhere)),
  ];
}

/** The groups that a cluster needs. */
export function neededGroups(spec: ClusterSpec): SecurityGroupName[] {
  const all: SecurityGroupName[] = ['nodes', 'control-plane', 'workers', 'load-balancer', 'endpoints'];
  return spec.network.apiServer.public ? [...all, 'public-load-balancer'] : all;
}

/** Both ends of a connection between two groups. */
function flow(name: string, port: Port, from: SecurityGroupName, to: SecurityGroupName): SecurityRule[] {
  return [
    { ...port, name: `${name}-to-${to}`, group: from, direction: 'out', peer: { group: to } },
    { ...port, name: `${name}-from-${from}`, group: to, direction: 'in', peer: { group: from } },
  ];
}

function into(group: SecurityGroupName, name: string, port: Port, cidr: string): SecurityRule {
  return { ...port, name, group, direction: 'in', peer: { cidr } };
}

function outOf(group: SecurityGroupName, name: string, port: Port, cidr: string): SecurityRule {
  return { ...port, name, group, direction: 'out', peer: { cidr } };
}
