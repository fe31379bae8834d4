import { createHash } from 'node:crypto';
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
import type { ProviderArguments } from './arguments.js';
import type { Cloud } from './cloud.js';
import { AwsError } from './errors.js';
import { callFunction } from './functions/index.js';
import { admitNew, applyChange } from './lifecycle.js';
import { isMap, text } from './properties.js';
import type { ResourceType } from './resource-type.js';
import { checkAgainst, schemaOf, withDocuments } from './schema/schema.js';
import { resourceType } from './types/index.js';
import { asProviderError } from './wording.js';

/** The aws provider with one set of arguments. */
export class AwsSession implements ProviderSession {
  constructor(
    private readonly cloud: Cloud,
    private readonly requests: Requests,
    private readonly args: ProviderArguments,
  ) {}

  check({ type: token, name, news, olds, randomSeed }: CheckCall): Promise<CheckResult> {
    const type = resourceType(token);
    const schema = schemaOf(token);
    const named = withName(type, withDocuments(schema, news), olds, name, randomSeed);
    const inputs = this.#withDefaultTags(schema.inputs['tags'] === 'map?', named);
    const failures = [...checkAgainst(schema, inputs), ...(type.checks ?? []).flatMap((check) => check.run(inputs))];
    return Promise.resolve({ inputs, failures });
  }

  diff({ type: token, oldInputs, news }: DiffCall): Promise<DiffResult> {
    const type = resourceType(token);
    const differences = compareInputs(oldInputs, news, { replaces: type.replaces });
    // Two resources cannot have one name at a time, so a kept name means: delete first. Vendors' bridges decide the same way.
    const named = type.autoname?.property;
    const deleteBeforeReplace = named !== undefined && oldInputs[named] === news[named];
    return Promise.resolve({ differences, deleteBeforeReplace });
  }

  async create(call: CreateCall): Promise<CreateResult> {
    const type = resourceType(call.type);
    if (call.preview) return { id: '', outputs: { ...known(type.defaults), ...call.inputs } };
    return this.#request('create', call, call.inputs, async () => {
      const item = admitNew(this.cloud, type, this.#region(type, call.inputs), call.inputs);
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
    const type = resourceType(call.type);
    return this.#request('read', call, call.inputs, () => {
      const item = this.cloud.inventory.get(call.type, call.id) ?? type.imported?.(call.id, this.cloud);
      return Promise.resolve(item === undefined ? undefined : { id: item.id, inputs: item.inputs, outputs: item.outputs });
    });
  }

  async update(call: UpdateCall): Promise<UpdateResult> {
    const type = resourceType(call.type);
    if (call.preview) {
      const kept = Object.entries(call.oldState).filter(([name]) => !(name in call.oldInputs) || name in call.news);
      const volatile = Object.fromEntries<PropertyValue>((type.volatile ?? []).map((name) => [name, UNKNOWN]));
      const tagsAll: PropertyMap = 'tagsAll' in call.oldState ? { tagsAll: call.news['tags'] ?? {} } : {};
      return { outputs: { ...Object.fromEntries(kept), ...known(type.defaults, call.news), ...call.news, ...volatile, ...tagsAll } };
    }
    return this.#request('update', call, call.news, async () => {
      const item = this.cloud.inventory.get(call.type, call.id);
      if (item === undefined) throw new AwsError('ResourceNotFoundException', `${call.id} does not exist`);
      const changed = applyChange(this.cloud, type, item, call.news);
      await this.cloud.inventory.settled();
      await this.requests.ready(this.#moment(type.latency.update), call.signal);
      return { outputs: changed.outputs };
    });
  }

  async delete(call: DeleteCall): Promise<void> {
    const type = resourceType(call.type);
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
    return this.requests.run(target, { signal, retries: this.args.maxRetries }, () => {
      const outputs = callFunction(token, hasUnknown(args) ? {} : args, { cloud: this.cloud, region: text(args, 'region') ?? this.args.region });
      return Promise.resolve({ outputs });
    });
  }

  /** Runs a request through faults and words its errors as the real provider does. */
  async #request<T>(operation: 'create' | 'read' | 'update' | 'delete', call: ResourceCall & { id?: string }, inputs: PropertyMap, perform: () => Promise<T>): Promise<T> {
    const owner = call.id === undefined ? undefined : this.cloud.inventory.get(call.type, call.id);
    const { cluster, resource } = owner ?? identity(inputs['tags']);
    const target = { type: call.type, operation, cluster, resources: [resource, call.name] };
    try {
      return await this.requests.run(target, { signal: call.signal, retries: this.args.maxRetries }, perform);
    } catch (error) {
      throw asProviderError(error, operation, call);
    }
  }

  #region(type: ResourceType, inputs: PropertyMap): string | null {
    return type.global === true ? null : (text(inputs, 'region') ?? this.args.region);
  }

  #moment(realSeconds: number): number {
    return this.cloud.clock.now() + this.cloud.latency.milliseconds(realSeconds);
  }

  /** Default tags become ordinary tags in Check, as the bridged provider has it, so that a change of them is a diff. */
  #withDefaultTags(taggable: boolean, inputs: PropertyMap): PropertyMap {
    const defaults = this.args.defaultTags?.tags;
    const own = inputs['tags'];
    if (!taggable || defaults === undefined || (own !== undefined && !isMap(own))) return inputs;
    return { ...inputs, tags: { ...defaults, ...own } };
  }
}

/** Fills in the name that the program left to the provider; the same on every run of one resource. */
function withName(type: ResourceType, news: PropertyMap, olds: PropertyMap, logicalName: string, seed: Uint8Array): PropertyMap {
  const auto = type.autoname;
  if (auto === undefined || news[auto.property] !== undefined || news['namePrefix'] !== undefined || news['bucketPrefix'] !== undefined) return news;
  const suffix = createHash('sha256').update(seed).digest('hex').slice(0, 7);
  const invented = `${logicalName.slice(0, auto.longest - 8)}-${suffix}`;
  return { ...news, [auto.property]: olds[auto.property] ?? invented };
}

/** Defaults for what `news` leaves out. */
function known(defaults: PropertyMap = {}, news: PropertyMap = {}): PropertyMap {
  return Object.fromEntries(Object.entries(defaults).filter(([name]) => !(name in news)));
}
