import type { NodeExpiries } from '../../model/expiry.js';
import type { NodeOrder, OrderAnswer, Restoration } from '../../model/orders.js';
import type { EtcdBackup } from '../../model/report.js';
import type { NodeStep, ProvisionerClient, SecretPath } from '../../model/rendezvous.js';
import type { ClusterSpec } from '../../model/spec.js';
import type { PrivateStore } from './private-store.js';

/** What the nodes of a cluster have published in the secret store so far. */
export interface PublishedSecrets {
  /** The cluster's CA, PEM. */
  readonly certificateAuthority: string | undefined;
  /** `api.NAME.DOMAIN:6443`. */
  readonly endpoint: string | undefined;
  readonly provisioner: ProvisionerClient | undefined;
}

/** Something of a cluster that the cloud still has. */
export interface FoundResource {
  /** The id by which the cloud's tags are searched; AWS: the ARN. */
  readonly id: string;
  /** Its type token, for instance `aws:ec2/vpc:Vpc`; the cloud's own word where there is none that we know. */
  readonly kind: string;
  readonly region: string;
  /** The part that it was made as, where its tag says so. */
  readonly part: string | undefined;
  /** Set for what is deleted already and only kept for a waiting period: until when. */
  readonly keptUntil?: string;
  /** Set for what a deletion that keeps the backups keeps: why the backups need it. */
  readonly backups?: string;
  /** Set for disks: they can go when their machines have gone, and keep no network from being deleted. */
  readonly disk?: true;
  /** Set for what was found in an index that follows its resources with a delay, and was not read itself: it may be gone. */
  readonly fromIndex?: true;
}

/** A search with all that it looked for, found or not. */
export interface Search {
  readonly kinds: readonly string[];
  readonly found: readonly FoundResource[];
}

/** A resource in the moment in which a program declares it. */
export interface Declaration {
  readonly type: string;
  readonly name: string;
  /** Its inputs as far as they are known: what hangs on a resource that does not exist yet is left out. */
  readonly inputs: Readonly<Record<string, unknown>>;
}

/** Finds what the cloud has of the resources that a program declares, whatever a state knows. */
export interface ResourceFinder {
  /**
   * Ids under which the provider would import the resource: none where there is nothing, or where it does not matter because creating it again
   * comes to the same; more than one where it was made more than once. An index may lag behind the cloud: reading a resource has the last word.
   */
  idsOf(declared: Declaration): Promise<readonly string[]>;
}

/** Something that a stack has or had, as far as the cloud is asked for it. */
export interface HeldResource {
  readonly type: string;
  readonly id: string | undefined;
  readonly arn: string | undefined;
}

/** The cluster that a cloud is opened for. */
export interface ClusterPlace {
  readonly name: string;
  readonly uid: string;
  readonly region: string;
}

/** Which cluster's things are looked for. */
export interface ClusterScope {
  readonly name: string;
  readonly uid: string;
  /** Ids and ARNs of what its infrastructure's stack has: that is the engine's business. */
  readonly known: ReadonlySet<string>;
}

/** What came of a round of deletions. */
export interface Removal {
  readonly removed: readonly FoundResource[];
  /** Still in use by something else. */
  readonly remaining: readonly FoundResource[];
}

/** A machine of a pool. */
export interface PoolMachine {
  readonly id: string;
  /** What its node has as `spec.providerID`; in which case its letters are does not matter. */
  readonly providerId: string;
  /** It is being ended, and is none of the pool's number any more. */
  readonly leaving: boolean;
}

/** A pool as the cloud has it at this moment. */
export interface PoolGroup {
  /** Its name in the spec. */
  readonly pool: string;
  /** AWS: the auto-scaling group's name, Azure: the scale set's id. */
  readonly group: string;
  /** The bounds that the cloud or its autoscaler goes by now. */
  readonly minNodes: number;
  readonly maxNodes: number;
  /** How many machines it is to have. */
  readonly capacity: number;
  readonly machines: readonly PoolMachine[];
}

/** Whether a machine runs. `changing`: it is on its way to one or the other. */
export type Power = 'on' | 'off' | 'changing';

/** A machine of the control plane that the cloud still has. */
export interface ControlPlaneMachine {
  /** What the program made it as: `cp-1`. */
  readonly part: string;
  /** Ends the `spec.providerID` of its node. */
  readonly id: string;
  readonly power: Power;
}

/** How large a pool is to be. Its smallest number stays what it is where none is given. */
export interface PoolSize {
  readonly minNodes?: number;
  readonly capacity: number;
  readonly maxNodes: number;
}

/** A rule in one of the cluster's own groups of network rules that the stack does not have, and that no controller of the cluster's Kubernetes made. */
export interface ForeignRule {
  /** The cloud's id of it. */
  readonly id: string;
  /** The group that it stands in, by the cloud's id. */
  readonly group: string;
  /** What it lets through, for people. */
  readonly words: string;
  readonly direction: 'in' | 'out';
}

/** What an account lets the service do, held against what programs and worker need. */
export interface Permissions {
  /** `policy`: the cloud told of every right. `trial`: it does not tell, and a few calls that change nothing were tried. */
  readonly by: 'policy' | 'trial';
  /** How many rights were looked at. */
  readonly checked: number;
  /** Those that are not given, by the cloud's own names. */
  readonly missing: readonly string[];
}

/** What machines of a cluster are made from. AWS: ids of AMIs, Azure: versions of Canonical's image. */
export interface MachineImages {
  /** What a machine is made from that is made now. */
  readonly current: string;
  /** What those that there are were made from, by the ids that end the `spec.providerID` of their nodes. One is missing as long as the cloud does not tell. */
  readonly of: ReadonlyMap<string, string>;
}

/** The zones that offer a machine type, by full names, for each type that was asked for. */
export type Offers = ReadonlyMap<string, ReadonlySet<string>>;

/** All direct talk to the cloud about one cluster, in its account and region. Errors are of the registry: `cloud-credentials`, `cloud-throttled`, `quota-exceeded`. */
export interface Cloud {
  /** Checks that the account answers and is the one that the accounts file names. Throws `cloud-credentials`. */
  checkIdentity(): Promise<void>;
  /** Checks what the cloud tells of its quotas against what a new cluster needs; what it does not tell is not checked. Throws `quota-exceeded`. */
  checkQuotas(spec: ClusterSpec): Promise<void>;
  /** In which zones of the region the cloud offers machine types. */
  offers(machineTypes: readonly string[]): Promise<Offers>;
  /** From which image machines of the cluster are made now, and which they were made from. */
  images(): Promise<MachineImages>;
  /** When images were published, RFC 3339; those that the cloud does not tell of, or has no more, are left out. */
  imageDates(images: readonly string[]): Promise<ReadonlyMap<string, string>>;
  /** Compares what the account may do with what programs and worker need. Throws `cloud-credentials` where the account itself is refused. */
  permissions(): Promise<Permissions>;
  /** Looks for the network that the account's reach names. Answers what is wrong with it, in the words of the end of a sentence; undefined where it is there. */
  reachFault(): Promise<string | undefined>;
  /** What the nodes have published. */
  secrets(): Promise<PublishedSecrets>;
  /** Every node's last step, from the cluster's private store. */
  nodeSteps(): Promise<NodeStep[]>;
  /** Orders a control plane, by the name of its node, through the cluster's private store. The newest order counts. */
  giveOrder(node: string, order: NodeOrder): Promise<void>;
  /** What a control plane was ordered last; undefined as long as it was ordered nothing. */
  orderOf(node: string): Promise<NodeOrder | undefined>;
  /** What a control plane has answered last; undefined as long as it has answered nothing. */
  orderAnswer(node: string): Promise<OrderAnswer | undefined>;
  /** What new control planes are to begin with where none is left; undefined where nothing is asked. */
  restoration(): Promise<Restoration | undefined>;
  /** Asks for that, or takes back what was asked. Orders that were given before count no more. */
  askRestoration(wish: Restoration | undefined): Promise<void>;
  /** The snapshots of etcd in the cluster's private store, the newest first: those that are complete. The description of one that `known` has is not read again. */
  etcdSnapshots(known?: readonly EtcdBackup[]): Promise<readonly EtcdBackup[]>;
  /** The cluster's private store, for what add-ons keep there. */
  store(): Promise<PrivateStore>;
  /** What control planes have told of when what they have ends. */
  expiries(): Promise<readonly NodeExpiries[]>;
  /** Removes what the nodes have put into the secret store, but for these: no stack knows of them. Returns how many went. */
  forgetSecrets(keep: readonly SecretPath[]): Promise<number>;
  /** What the cluster's Kubernetes made (load balancers with what belongs to them, disks) and is still there. */
  madeByKubernetes(scope: ClusterScope): Promise<readonly FoundResource[]>;
  /** Deletes of that what can go now. Call it again until nothing remains. */
  removeMadeByKubernetes(scope: ClusterScope): Promise<Removal>;
  /**
   * Everything of the cluster that is still there: by its uid as a tag, in every region where the provider keeps such things, by name where a kind has
   * no such tags, in the secret store, and what Kubernetes made. Hits are confirmed by reading them where that can be done.
   * `before`: what the stack held, of which the cloud may keep something for a waiting period.
   */
  findRemains(scope: ClusterScope, before: readonly HeldResource[]): Promise<Search>;
  /** Rules that somebody added to groups of the stack. `held`: what the stack has. */
  foreignRules(scope: ClusterScope, held: readonly HeldResource[]): Promise<readonly ForeignRule[]>;
  /** Takes such a rule away; one that has gone meanwhile is none. */
  removeRule(rule: ForeignRule): Promise<void>;
  /** Every pool that the cloud has of the cluster, with its machines. */
  pools(): Promise<readonly PoolGroup[]>;
  /** The machines of the control plane. One that is being deleted is none any more. */
  controlPlanes(): Promise<readonly ControlPlaneMachine[]>;
  /** Ends this very machine and lowers the pool's capacity with it, both in one call. It is done once however often it is asked for. `group`: as it was read just before. */
  endMachine(group: PoolGroup, machine: PoolMachine): Promise<void>;
  /** Has a pool hold this many machines at least. */
  raisePool(group: PoolGroup, minNodes: number): Promise<void>;
  /** Has a pool hold this many machines, and takes its largest number along, which may be above the spec's for as long as machines are replaced. `group`: as it was read just before. */
  resizePool(group: PoolGroup, size: PoolSize): Promise<void>;
  /** Which of these machines run, by the ids that the infrastructure's outputs have; one that has ended is left out. */
  powerOf(machines: readonly string[]): Promise<ReadonlyMap<string, Power>>;
  /** Has these machines switched on or off; they keep their disks and addresses. Ends when the cloud has taken it, not when it is done. What is so already is no error. */
  switchMachines(machines: readonly string[], to: 'on' | 'off'): Promise<void>;
  /** A new look at what the cloud has of a cluster. */
  finder(): Promise<ResourceFinder>;
}
