import type { AzureAccount } from '../../model/accounts.js';
import { mailPortsOf, type MailPort } from '../../model/alerting.js';
import { apiServerPort } from '../../model/names.js';
import type { Platform } from '../../model/platform.js';
import type { ClusterSpec } from '../../model/spec.js';
import { storageServers } from '../../model/storage.js';

/** Groups of network interfaces, each with a subnet and a network security group of its own. */
export const securityGroups = {
  'control-plane': 'Machines of the control plane, and the load balancers of the API server',
  workers: 'Machines of the node pools',
  endpoints: 'Private endpoints of Azure services',
} as const;
export type SecurityGroupName = keyof typeof securityGroups;

/** Groups with machines: what holds for both is a rule of `nodes`. */
export const nodeGroups = ['control-plane', 'workers'] as const satisfies readonly SecurityGroupName[];

/** Who is on the other side: a group or all machines by their subnets, networks, or one of Azure's service tags. */
export type Peer = { readonly group: SecurityGroupName | 'nodes' } | { readonly cidrs: readonly string[] } | { readonly tag: 'AzureLoadBalancer' | 'Internet' | '*' };

/** One needed port, or range of ports, with one peer. */
export interface SecurityRule {
  /** Short and unique within group and direction; part of the resource's name. */
  readonly name: string;
  readonly group: SecurityGroupName | 'nodes';
  readonly direction: 'in' | 'out';
  readonly access: 'Allow' | 'Deny';
  /**
   * The lower goes first. Fixed per rule, because two rules of a group cannot change places: below 500, where the cloud controller begins with those of
   * its load balancers.
   */
  readonly priority: number;
  readonly protocol: 'tcp' | 'udp' | 'icmp' | '*';
  /** `8472`, `30000-32767` or `*`. */
  readonly ports: string;
  readonly peer: Peer;
  readonly description: string;
}

type Port = Pick<SecurityRule, 'priority' | 'protocol' | 'ports' | 'description'>;

const tcp = (priority: number, ports: number | string, description: string): Port => ({ priority, protocol: 'tcp', ports: String(ports), description });
const udp = (priority: number, ports: number, description: string): Port => ({ priority, protocol: 'udp', ports: String(ports), description });

/** The pod network between any two machines. With the overlay, pods' own ports travel inside VXLAN; only host-network ports need a rule. */
const podNetwork: Readonly<Record<Platform['cni'], Readonly<Record<string, Port>>>> = {
  cilium: {
    vxlan: udp(100, 8472, 'Cilium overlay'),
    wireguard: udp(101, 51871, 'Cilium encryption'),
    'cilium-health': tcp(102, 4240, 'Cilium health checks'),
    echo: { priority: 103, protocol: 'icmp', ports: '*', description: 'Cilium health checks by echo request' },
    hubble: tcp(104, 4244, 'Hubble peers'),
  },
  calico: {
    vxlan: udp(100, 4789, 'Calico overlay'),
    wireguard: udp(101, 51820, 'Calico encryption'),
    typha: tcp(106, 5473, 'Calico agents to Typha'),
  },
  // An encrypted tunnel that is no overlay: packets of pods travel inside it.
  flannel: { wireguard: udp(101, 51820, 'Flannel tunnel, encrypted') },
  // Of AWS alone.
  'aws-vpc-cni': {},
};

/** Between any two machines, whatever the pod network. */
const betweenNodes: Readonly<Record<string, Port>> = { kubelet: tcp(105, 10250, 'Kubelet: logs, exec and metrics') };

/** Host-network ports that Prometheus scrapes. */
const metrics: Readonly<Record<string, Port>> = { 'node-exporter': tcp(110, 9100, 'Metrics of machines') };
const networkMetrics: typeof podNetwork = {
  cilium: { 'cilium-metrics': tcp(111, 9962, 'Metrics of Cilium agents'), 'cilium-operator-metrics': tcp(112, 9963, 'Metrics of Cilium operators') },
  calico: {},
  flannel: {},
  'aws-vpc-cni': {},
};

/** Places of the rules for storage. */
const storagePriorities = { nfs: 210, iscsi: 211 } as const;
/** Where the rules for mail stand among those that lead out. */
const mailPriorities: Readonly<Record<MailPort, number>> = { 465: 202, 587: 203 };

/**
 * All rules of a cluster's groups. What is not listed is closed, in both directions, by a last rule in the place of Azure's own, which let everything within
 * the network and its peers through. Name resolution, time and metadata come from the host and pass by the groups. A load balancer on Azure has no group:
 * what comes through it comes from the client's address, and its health probes from a tag.
 */
export function securityRules(spec: ClusterSpec, account: AzureAccount): SecurityRule[] {
  const { apiServer: { allowedCidrs }, cidr } = spec.network;
  const apiServer = (priority: number): Port => tcp(priority, apiServerPort, 'Kubernetes API');
  const { cni, monitoring } = spec.platform;
  return [
    ...Object.entries({ ...podNetwork[cni], ...betweenNodes, ...(monitoring === 'prometheus' ? { ...metrics, ...networkMetrics[cni] } : {}) }).flatMap(([name, port]) => flow(name, port, 'nodes', 'nodes')),
    ...flow('etcd', tcp(120, '2379-2380', 'etcd clients and peers'), 'control-plane', 'control-plane'),
    // Through the load balancer and directly: pods reach the service "kubernetes", which stands for the control planes' own addresses.
    ...flow('api', apiServer(130), 'nodes', 'control-plane'),
    into('control-plane', 'api-probe', { ...apiServer(131), description: 'Health checks of the API load balancers' }, { tag: 'AzureLoadBalancer' }),
    ...(account.reach.type === 'peering'
      ? [into('control-plane', 'api-provisioner', { ...apiServer(132), description: 'Kubernetes API for the provisioner' }, { cidrs: [account.reach.cidr] })]
      : []),
    ...(allowedCidrs.length > 0 ? [into('control-plane', 'api-allowed', apiServer(133), { cidrs: allowedCidrs })] : []),
    ...flow('https', tcp(140, 443, 'Azure services over private endpoints'), 'nodes', 'endpoints'),

    into('workers', 'node-ports', tcp(150, '30000-32767', 'Services behind load balancers'), { cidrs: [cidr] }),
    into('workers', 'node-ports-probe', tcp(151, '30000-32767', 'Health checks of services that keep the client\'s address'), { tag: 'AzureLoadBalancer' }),
    into('workers', 'service-health', tcp(152, 10256, 'Health checks of service load balancers'), { tag: 'AzureLoadBalancer' }),

    outOf('nodes', 'https-internet', tcp(200, 443, 'Registries, cloud APIs, sign-in'), { tag: 'Internet' }),
    outOf('nodes', 'http-internet', tcp(201, 80, 'Ubuntu package mirrors'), { tag: 'Internet' }),
    // A group knows no names, and a mail server's addresses change. Within the cluster Alertmanager alone gets as far.
    ...mailPortsOf(spec.alerting).map((port) => outOf('workers', `mail-${port}`, tcp(mailPriorities[port], port, 'Alerts by mail'), { tag: 'Internet' })),

    ...storageServers(spec.storage).map(({ kind, port, cidrs }) => outOf('nodes', kind, tcp(storagePriorities[kind], port, 'Storage that the spec names'), { cidrs })),

    ...(['nodes', 'endpoints'] as const).flatMap((group) => [closed(group, 'in'), closed(group, 'out')]),
  ];
}

/** Both ends of a connection between two groups. */
function flow(name: string, port: Port, from: SecurityRule['group'], to: SecurityRule['group']): SecurityRule[] {
  return [outOf(from, `${name}-to-${to}`, port, { group: to }), into(to, `${name}-from-${from}`, port, { group: from })];
}

function into(group: SecurityRule['group'], name: string, port: Port, peer: Peer): SecurityRule {
  return { ...port, name, group, direction: 'in', access: 'Allow', peer };
}

function outOf(group: SecurityRule['group'], name: string, port: Port, peer: Peer): SecurityRule {
  return { ...port, name, group, direction: 'out', access: 'Allow', peer };
}

/** The last rule of a group. */
function closed(group: SecurityRule['group'], direction: SecurityRule['direction']): SecurityRule {
  return { name: 'nothing-else', group, direction, access: 'Deny', priority: 4096, protocol: '*', ports: '*', peer: { tag: '*' }, description: 'What is not listed is closed' };
}
