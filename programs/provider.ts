import type { Account } from '../model/accounts.js';
import type { Rollout } from '../model/rollout.js';
import type { AccessGrant, ClusterSpec, Provider } from '../model/spec.js';

/** What an infrastructure program is given. There is no secret in it. */
export interface InfrastructureInput<A extends Account = Account> {
  readonly spec: ClusterSpec;
  readonly uid: string;
  /** The cluster's number in its installation, from 1. */
  readonly slot: number;
  /** Id of the installation, for the tags. */
  readonly installation: string;
  readonly account: A;
  /** Keep the backups' bucket and its key when the stack is destroyed. */
  readonly retainBackups: boolean;
  /** In which minors machines are made, where that is not simply the spec's. */
  readonly rollout?: Rollout | undefined;
  /**
   * Have machines that pools launch from now on made as they are made today, from the current image and with today's node templates; none that runs is touched. Otherwise they are made as they were when this was done last.
   * On Azure there is nothing to do for it: scale sets ask for the newest image, and their model follows the templates.
   */
  readonly renewsPools?: boolean | undefined;
  /** Number of the control plane that the load balancers are to send nobody to any more. */
  readonly leaving?: number | undefined;
}

/** Add-ons that talk to the cloud and have an identity of their own for it. */
export const addonIdentities = ['cloud-controller-manager', 'disk-csi', 'velero', 'loki', 'tempo', 'external-secrets', 'cluster-autoscaler', 'external-dns', 'kustomize-controller', 'pod-network', 'rancher-backup'] as const;
export type AddonIdentity = (typeof addonIdentities)[number];

/**
 * What every infrastructure program gives: the allow-list of stack outputs. Each name is the name of an output; nothing else is read from a stack.
 */
export interface InfrastructureOutputs {
  /** Address that the worker dials: the load balancer's name (AWS) or address (Azure). Port 6443. */
  readonly apiServerAddress: string;
  /** Address for people where the API server is public, else null. */
  readonly publicAddress: string | null;
  /** Full names of the zones in use. */
  readonly zones: string[];
  readonly networkId: string;
  /** Node subnets: AWS by zone, Azure by what stands in them (`control-plane`, `workers`). */
  readonly nodeSubnets: Record<string, string>;
  /** The private store for backups and claims: AWS the bucket's name, Azure the container's URL. */
  readonly backupStore: string;
  /** The service-account issuer; null without workload identity. */
  readonly issuerUrl: string | null;
  /** Key that encrypts disks and backups: AWS the key's ARN, Azure the disk encryption set's id; null where the cloud's own keys do. */
  readonly keyId: string | null;
  /** Machines of the control plane by Name tag: id, zone, private address. */
  readonly controlPlane: ControlPlaneOutput[];
  /** Groups of machines by pool name. */
  readonly nodePools: Record<string, string>;
  /** Identity by add-on (AWS: the role's ARN, Azure: the managed identity's client id); empty without workload identity. */
  readonly addonIdentities: Partial<Record<AddonIdentity, string>>;
}

/** A machine of the control plane, as the program's outputs have it. */
export interface ControlPlaneOutput {
  /** `NAME-cp-1` and so on. */
  readonly name: string;
  readonly id: string;
  readonly zone: string;
  readonly address: string;
}

/** Names of the outputs, for the allow-list. */
export const infrastructureOutputNames = [
  'apiServerAddress', 'publicAddress', 'zones', 'networkId', 'nodeSubnets', 'backupStore', 'issuerUrl', 'keyId', 'controlPlane', 'nodePools', 'addonIdentities',
] as const satisfies readonly (keyof InfrastructureOutputs)[];

/**
 * Types whose updates send again what the cloud has changed by itself since: a scale set's update on Azure takes its number of machines along, which belongs to
 * the autoscaler. They are read before an update; ignoring a change means the value of the state, not that of the cloud.
 */
export const readBeforeUpdate: Readonly<Record<Provider, readonly string[]>> = { aws: [], azure: ['azure-native:compute:VirtualMachineScaleSet'] };

/** Types of what a control plane's machine is and goes with; what hangs on it (its place in load balancers, its attachments) goes before it, and its disk for etcd stays. */
export const machineRoots: Readonly<Record<Provider, readonly string[]>> = { aws: ['aws:ec2/instance:Instance'], azure: ['azure-native:network:NetworkInterface'] };

/** What the platform program is given. */
export interface PlatformInput {
  readonly spec: ClusterSpec;
  readonly uid: string;
  readonly slot: number;
  readonly installation: string;
  readonly account: Account;
  readonly infrastructure: InfrastructureOutputs;
  /** The spec's grants that hold. Whoever runs the program leaves out those whose time has passed: a program has no clock. */
  readonly grants: readonly AccessGrant[];
  /** The provisioner's constant kubeconfig, as JSON text. */
  readonly kubeconfig: string;
}

/** An inline program: registers resources and returns the stack's outputs. */
export type Program = () => Promise<Record<string, unknown>>;
