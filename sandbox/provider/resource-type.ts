import type { Item, ItemRef } from '../inventory/item.js';
import type { PropertyMap } from '../protocol/values.js';
import type { Check } from './checks.js';
import type { CloudState } from './cloud-state.js';

/** A request to make or change one resource, with all inputs known. */
export interface Request<C extends CloudState> {
  readonly inputs: PropertyMap;
  /** Where: the resource's own region, else the provider's. */
  readonly region: string;
  readonly cloud: C;
  /** The item to be changed; undefined for a new one. */
  readonly existing: Item | undefined;
}

/** A property whose value names another resource. */
export interface Reference {
  /** Path of the property; `[]` goes through a list. */
  readonly property: string;
  /** Type of the resource that must exist, by its id or by what else the cloud takes for it. */
  readonly type: string;
  /** The refusal when it does not. */
  readonly missing: (value: string) => Error;
}

/** Everything the sandbox knows about one kind of resource. One entry per type, grouped by service under a cloud's `types/`. */
export interface ResourceType<C extends CloudState> {
  /** Pulumi type token. */
  readonly token: string;
  /** Seconds that the real cloud takes until the answer, to the order of magnitude; nobody has measured them for this table. */
  readonly latency: { readonly create: number; readonly update: number; readonly delete: number };
  /** Inputs whose change needs a new resource. */
  readonly replaces: readonly string[];
  /**
   * The input that the provider invents from the logical name when it is absent, how long it may be, and how it is made where a provider has several ways: the
   * logical name with a random suffix (unless said otherwise), just that name, or a GUID.
   */
  readonly autoname?: { readonly property: string; readonly longest: number; readonly form?: 'suffixed' | 'copied' | 'guid' };
  /** Outputs for absent inputs. */
  readonly defaults?: PropertyMap;
  readonly checks?: readonly Check[];
  readonly references?: readonly Reference[];
  /** What depends on the state of the cloud. Throws the cloud's refusal. */
  admit?(request: Request<C>): void;
  /** The provider's id of a new resource. */
  id(request: Request<C>): string;
  /** What the cloud computes for a new resource, on top of inputs and defaults. */
  computed?(request: Request<C>, id: string): PropertyMap;
  /** What it computes anew on each update. */
  recomputed?(request: Request<C>, existing: Item): PropertyMap;
  /** Paths into outputs that the cloud fills in beside the inputs: a preview of a creation cannot know them. Absent outputs as a whole are known to be unknown. */
  readonly unforeseen?: readonly string[];
  /** Outputs that an update may change, so that a preview cannot know them. */
  readonly volatile?: readonly string[];
  parent?(request: Request<C>): ItemRef | undefined;
  /** What a creation only sets anew because it is there already: calls that put, register or overwrite. Others refuse a second one. */
  again?(request: Request<C>): Item | undefined;
  /** Finds it by the id that the provider imports it by, where that is not its own id. */
  imported?(id: string, cloud: C): Item | undefined;
  /** Why it cannot go now, if so. */
  blocker?(item: Item, cloud: C): Error | undefined;
  /** What the cloud makes along with it. Runs in the same step as the creation. */
  afterCreate?(item: Item, cloud: C): void;
  /** What the cloud does when it is gone: take along what hangs on it, keep a key. Runs in the same step as the deletion. */
  afterDelete?(item: Item, cloud: C): void;
  /** Services without regions. */
  readonly global?: boolean;
}
