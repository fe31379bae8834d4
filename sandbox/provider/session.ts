import { identity } from '../inventory/tags.js';
import { compareInputs } from '../protocol/differences.js';
import { PartialCreation } from '../protocol/errors.js';
import type {
  CheckCall,
  CheckResult,
  CreateCall,
  CreateResult,
  DeleteCall,
  DiffCall,
  DiffResult,
  InvokeCall,
  InvokeResult,
  ProviderSession,
  ReadCall,
  ReadResult,
  ResourceCall,
  UpdateCall,
  UpdateResult,
} from '../protocol/provider.js';
import { hasUnknown, UNKNOWN, type PropertyMap, type PropertyValue } from '../protocol/values.js';
import type { Requests } from '../requests.js';
import type { CloudState } from './cloud-state.js';
import { Lifecycle } from './lifecycle.js';
import { withUnknown } from './properties.js';
import type { ResourceType } from './resource-type.js';
import { checkAgainst } from './schema.js';
import type { Vendor } from './vendor.js';

/** What a provider is asked to do with a resource. */
export type Operation = 'create' | 'read' | 'update' | 'delete';
/** A call about a resource, which has an id unless it is to be created. */
export type OperationCall = ResourceCall & { readonly id?: string };

/** A cloud's provider with one set of arguments: what all of them do alike. */
export abstract class CloudSession<C extends CloudState> implements ProviderSession {
  readonly #lifecycle: Lifecycle<C>;

  /** @param retries see `RequestOptions`. */
  constructor(
    private readonly vendor: Vendor<C>,
    protected readonly cloud: C,
    private readonly requests: Requests,
    private readonly retries: number,
  ) {
    this.#lifecycle = new Lifecycle(vendor, cloud);
  }

  /** Fills in what the provider adds to a program's inputs: names, tags, places. The same on every run of one resource. */
  protected abstract complete(type: ResourceType<C>, call: CheckCall): PropertyMap;
  /** Whether a replacement has to wait until the old one is gone. */
  protected abstract deletesFirst(type: ResourceType<C>, call: DiffCall): boolean;
  /** Where a new resource will be; null for what is global. */
  protected abstract regionOf(type: ResourceType<C>, inputs: PropertyMap): string | null;
  /** Words a refusal as the real provider does; other errors pass unchanged. */
  protected abstract worded(error: unknown, operation: Operation, call: OperationCall): unknown;
  /** Calls a function; unknown ones are refused loudly, never made up. */
  protected abstract callFunction(token: string, args: PropertyMap): PropertyMap;
  /** Outputs that a preview of an update can tell besides the inputs. */
  protected abstract foreseen(call: UpdateCall): PropertyMap;

  check(call: CheckCall): Promise<CheckResult> {
    const type = this.vendor.resourceType(call.type);
    const inputs = this.complete(type, call);
    const failures = [...checkAgainst(this.vendor.schemaOf(call.type), inputs), ...(type.checks ?? []).flatMap((check) => check.run(inputs))];
    return Promise.resolve({ inputs, failures });
  }

  diff(call: DiffCall): Promise<DiffResult> {
    const type = this.vendor.resourceType(call.type);
    const differences = compareInputs(call.oldInputs, call.news, { replaces: type.replaces });
    return Promise.resolve({ differences, deleteBeforeReplace: this.deletesFirst(type, call) });
  }

  async create(call: CreateCall): Promise<CreateResult> {
    const type = this.vendor.resourceType(call.type);
    if (call.preview) return { id: '', outputs: (type.unforeseen ?? []).reduce(withUnknown, { ...known(type.defaults), ...call.inputs }) };
    return this.#request('create', call, call.inputs, async () => {
      const item = this.#lifecycle.admitNew(type, this.regionOf(type, call.inputs), call.inputs);
      await this.cloud.inventory.settled();
      try {
        await this.requests.ready(item.readyAt, call.signal);
      } catch (error) {
        const reason = error instanceof Error ? error.message : String(error);
        throw new PartialCreation(item.id, item.outputs, item.inputs, `waiting for ${item.id} was interrupted: ${reason}`);
      }
      return { id: item.id, outputs: item.outputs };
    });
  }

  async read(call: ReadCall): Promise<ReadResult | undefined> {
    const type = this.vendor.resourceType(call.type);
    return this.#request('read', call, call.inputs, () => {
      const item = this.cloud.inventory.get(call.type, call.id) ?? type.imported?.(call.id, this.cloud);
      return Promise.resolve(item === undefined ? undefined : { id: item.id, inputs: item.inputs, outputs: item.outputs });
    });
  }

  async update(call: UpdateCall): Promise<UpdateResult> {
    const type = this.vendor.resourceType(call.type);
    if (call.preview) {
      const kept = Object.entries(call.oldState).filter(([name]) => !(name in call.oldInputs) || name in call.news);
      const volatile = Object.fromEntries<PropertyValue>((type.volatile ?? []).map((name) => [name, UNKNOWN]));
      return { outputs: { ...Object.fromEntries(kept), ...known(type.defaults, call.news), ...call.news, ...volatile, ...this.foreseen(call) } };
    }
    return this.#request('update', call, call.news, async () => {
      const item = this.cloud.inventory.get(call.type, call.id);
      if (item === undefined) throw this.vendor.gone(call.id);
      const changed = this.#lifecycle.applyChange(type, item, call.news);
      await this.cloud.inventory.settled();
      await this.requests.ready(this.#moment(type.latency.update), call.signal);
      return { outputs: changed.outputs };
    });
  }

  async delete(call: DeleteCall): Promise<void> {
    const type = this.vendor.resourceType(call.type);
    await this.#request('delete', call, call.oldInputs, async () => {
      const item = this.cloud.inventory.get(call.type, call.id);
      if (item === undefined) return;
      const blocker = type.blocker?.(item, this.cloud);
      if (blocker !== undefined) throw blocker;
      await this.requests.ready(this.#moment(type.latency.delete), call.signal);
      this.cloud.inventory.delete(item);
      await this.cloud.inventory.settled();
    });
  }

  invoke({ token, args, signal }: InvokeCall): Promise<InvokeResult> {
    const target = { type: token, operation: 'invoke', cluster: null, resources: [] } as const;
    return this.requests.run(target, { signal, retries: this.retries }, () => Promise.resolve({ outputs: this.callFunction(token, hasUnknown(args) ? {} : args) }));
  }

  /** Runs a request through faults and words its errors as the real provider does. */
  async #request<T>(operation: Operation, call: OperationCall, inputs: PropertyMap, perform: () => Promise<T>): Promise<T> {
    const owner = call.id === undefined ? undefined : this.cloud.inventory.get(call.type, call.id);
    const { cluster, resource } = owner ?? identity(inputs['tags']);
    const target = { type: call.type, operation, cluster, resources: [resource, call.name] };
    try {
      return await this.requests.run(target, { signal: call.signal, retries: this.retries }, perform);
    } catch (error) {
      throw this.worded(error, operation, call);
    }
  }

  #moment(realSeconds: number): number {
    return this.cloud.clock.now() + this.cloud.latency.milliseconds(realSeconds);
  }
}

/** Defaults for what `news` leaves out. */
function known(defaults: PropertyMap = {}, news: PropertyMap = {}): PropertyMap {
  return Object.fromEntries(Object.entries(defaults).filter(([name]) => !(name in news)));
}
