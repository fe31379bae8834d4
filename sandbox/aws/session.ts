import { createHash } from 'node:crypto';
import type { CheckCall, DiffCall, UpdateCall } from '../protocol/provider.js';
import type { PropertyMap } from '../protocol/values.js';
import { isMap, text } from '../provider/properties.js';
import { withDocuments } from '../provider/schema.js';
import { CloudSession, type Operation, type OperationCall } from '../provider/session.js';
import type { Requests } from '../requests.js';
import type { ProviderArguments } from './arguments.js';
import type { Cloud } from './cloud.js';
import { callFunction } from './functions/index.js';
import { aws } from './lifecycle.js';
import type { ResourceType } from './resource-type.js';
import { schemaOf } from './schema/schema.js';
import { asProviderError } from './wording.js';

/** The aws provider with one set of arguments. */
export class AwsSession extends CloudSession<Cloud> {
  constructor(
    cloud: Cloud,
    requests: Requests,
    private readonly args: ProviderArguments,
  ) {
    super(aws, cloud, requests, args.maxRetries);
  }

  protected complete(type: ResourceType, { name, news, olds, randomSeed }: CheckCall): PropertyMap {
    const schema = schemaOf(type.token);
    const named = withName(type, withDocuments(schema, news), olds, name, randomSeed);
    return this.#withDefaultTags(schema.inputs['tags'] === 'map?', named);
  }

  /** Two resources cannot have one name at a time, so a kept name means: delete first. Vendors' bridges decide the same way. */
  protected deletesFirst(type: ResourceType, { oldInputs, news }: DiffCall): boolean {
    const named = type.autoname?.property;
    return named !== undefined && oldInputs[named] === news[named];
  }

  protected regionOf(type: ResourceType, inputs: PropertyMap): string | null {
    return type.global === true ? null : (text(inputs, 'region') ?? this.args.region);
  }

  protected worded(error: unknown, operation: Operation, call: OperationCall): unknown {
    return asProviderError(error, operation, call);
  }

  protected callFunction(token: string, args: PropertyMap): PropertyMap {
    return callFunction(token, args, { cloud: this.cloud, region: text(args, 'region') ?? this.args.region });
  }

  protected foreseen({ oldState, news }: UpdateCall): PropertyMap {
    return 'tagsAll' in oldState ? { tagsAll: news['tags'] ?? {} } : {};
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
