import type { NodeFacts, SecretPath } from '../../../model/rendezvous.js';
import type { Item } from '../../inventory/item.js';
import type { ControllerCloud } from '../controllers/controller-cloud.js';

/** A load balancer that leads to a cluster's control planes. */
export interface Way {
  /** Loopback address on which the API server has to answer. */
  readonly address: string;
  /** Since when everything on the way is there. */
  readonly since: number;
}

/** A machine as its Node object tells of it. */
export interface NodeMachine {
  /** Name of its Node. */
  readonly name: string;
  readonly providerId: string;
  /** Full name of its zone. */
  readonly zone: string;
  readonly machineType: string;
  /** Its private address. */
  readonly address: string;
  readonly cpu: number;
  readonly memoryGiB: number;
  readonly architecture: 'amd64' | 'arm64';
  readonly kernel: string;
}

/** The objects of a private store. */
export interface NodeStore {
  get(key: string): Buffer | undefined;
  put(key: string, content: string | Buffer, contentType: string): void;
}

/** What simulated nodes need of the cloud that their machines are in. One implementation for each cloud, beside its emulation. */
export interface NodeCloud {
  /** Types of machines that can be nodes. */
  readonly machineTypes: ReadonlySet<string>;
  /** Types whose changes can move a node along, besides machines. */
  readonly followed: ReadonlySet<string>;
  /** The user data that a machine got. */
  userDataOf(machine: Item): Buffer | undefined;
  /** Since when a machine runs, in sandbox time; null while it is switched off. */
  runningSince(machine: Item): number | null;
  /** What its Node tells of a machine. */
  describe(machine: Item): NodeMachine;
  /** All ways from load balancers on this port to one of these machines. */
  waysTo(machines: readonly Item[], port: number): readonly Way[];
  /** In words: why no way leads to the machine that starts the cluster. */
  missingWay(starter: Item, port: number): string;
  /** In words: what the machine's identity lacks to do what nodes of these facts do; undefined when it lacks nothing. */
  missingGrant(machine: Item, facts: NodeFacts): string | undefined;
  /** Puts a secret where the cluster's nodes meet. */
  putSecret(facts: NodeFacts, secret: SecretPath, value: string): void;
  /** What that secret is; undefined where there is none. */
  secretOf(facts: NodeFacts, secret: SecretPath): string | undefined;
  /** The private store where the nodes meet; undefined where there is none. */
  storeOf(facts: NodeFacts): NodeStore | undefined;
  /** Calls whenever something is written into any store, with its key. */
  onWritten(told: (key: string) => void): void;
  /** What the cluster's controllers make in the cloud. */
  controllersOf(facts: NodeFacts): ControllerCloud;
}

/** The clouds by what node facts call them. */
export type NodeClouds = Readonly<Partial<Record<NodeFacts['rendezvous']['provider'], NodeCloud>>>;
