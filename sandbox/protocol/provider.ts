import type { PropertyMap, PropertyValue } from './values.js';

/** One fault of one input property; the engine shows it beside the resource and stops before anything is created. */
export interface CheckFailure {
  /** Path of the property, for example `ingress[0].fromPort`; empty for a fault of the whole resource. */
  readonly property: string;
  readonly reason: string;
}

/** How one property differs. The `-replace` kinds ask the engine for a new resource. */
export type DifferenceKind = 'add' | 'add-replace' | 'delete' | 'delete-replace' | 'update' | 'update-replace';

/** What all calls about one resource carry. */
export interface ResourceCall {
  readonly urn: string;
  /** Type token, for example `aws:ec2/vpc:Vpc`. */
  readonly type: string;
  /** Logical name in the program. */
  readonly name: string;
  /** Aborted when the engine cancels the operation; waits end at once then. */
  readonly signal: AbortSignal;
}

export interface CheckCall extends ResourceCall {
  readonly olds: PropertyMap;
  readonly news: PropertyMap;
  /** Bytes that are the same on every run of one resource: the source of generated names. */
  readonly randomSeed: Uint8Array;
}

export interface CheckResult {
  readonly inputs: PropertyMap;
  readonly failures: readonly CheckFailure[];
}

export interface DiffCall extends ResourceCall {
  readonly id: string;
  readonly oldInputs: PropertyMap;
  /** The outputs of the last operation. */
  readonly oldState: PropertyMap;
  /** Checked inputs; may hold `UNKNOWN` in a preview. */
  readonly news: PropertyMap;
  readonly ignoreChanges: readonly string[];
}

export interface DiffResult {
  /** Property path to kind; empty: no change. Build it with `compareInputs`. */
  readonly differences: ReadonlyMap<string, DifferenceKind>;
  /** Delete before the replacement is created, because both cannot exist at once. */
  readonly deleteBeforeReplace?: boolean;
}

export interface CreateCall extends ResourceCall {
  readonly inputs: PropertyMap;
  /** A preview: nothing may be written, and inputs may hold `UNKNOWN`. */
  readonly preview: boolean;
  /** The custom time-out in seconds, 0 for none. */
  readonly timeoutSeconds: number;
}

export interface CreateResult {
  /** Empty in a preview: not known yet. */
  readonly id: string;
  readonly outputs: PropertyMap;
  /** Top-level outputs that are secret, besides those whose input was. */
  readonly secretOutputs?: readonly string[];
}

export interface ReadCall extends ResourceCall {
  readonly id: string;
  /** Empty when the resource is imported. */
  readonly inputs: PropertyMap;
  readonly state: PropertyMap;
}

/** `undefined` from `read` means that the resource is gone. */
export interface ReadResult extends CreateResult {
  readonly inputs: PropertyMap;
}

export interface UpdateCall extends ResourceCall {
  readonly id: string;
  readonly oldInputs: PropertyMap;
  readonly oldState: PropertyMap;
  readonly news: PropertyMap;
  readonly preview: boolean;
  readonly timeoutSeconds: number;
  readonly ignoreChanges: readonly string[];
}

export type UpdateResult = Omit<CreateResult, 'id'>;

export interface DeleteCall extends ResourceCall {
  readonly id: string;
  readonly oldInputs: PropertyMap;
  readonly state: PropertyMap;
  readonly timeoutSeconds: number;
}

export interface InvokeCall {
  /** Function token, for example `aws:index/getCallerIdentity:getCallerIdentity`. */
  readonly token: string;
  readonly args: PropertyMap;
  readonly signal: AbortSignal;
}

export interface InvokeResult {
  readonly outputs: PropertyMap;
  readonly failures?: readonly CheckFailure[];
}

/**
 * A provider that serves the engine's protocol. One process serves many engines at once; each configured provider
 * instance of each of them is a session of its own.
 */
export interface EmulatedProvider {
  /** Package name, as in `PULUMI_DEBUG_PROVIDERS`. */
  readonly name: string;
  /** Must not be below the version of the SDK in use, or the engine refuses the plugin. */
  readonly version: string;
  /** Static checks of provider arguments. Arguments that the SDK sends as JSON text are decoded already. */
  checkConfig(args: PropertyMap): readonly CheckFailure[];
  /** Names of provider arguments whose change means another provider, so that every resource is replaced. */
  readonly replacingArguments: readonly string[];
  /**
   * Opens a session with these arguments. An error's message is shown to the user as the provider's own.
   */
  configure(args: PropertyMap): Promise<ProviderSession>;
}

/** A configured provider. Errors thrown are shown as the provider's words; `PartialCreation` keeps the resource. */
export interface ProviderSession {
  check(call: CheckCall): Promise<CheckResult>;
  diff(call: DiffCall): Promise<DiffResult>;
  create(call: CreateCall): Promise<CreateResult>;
  read(call: ReadCall): Promise<ReadResult | undefined>;
  update(call: UpdateCall): Promise<UpdateResult>;
  delete(call: DeleteCall): Promise<void>;
  invoke(call: InvokeCall): Promise<InvokeResult>;
}

export type { PropertyMap, PropertyValue };
