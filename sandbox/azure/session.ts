import { createHash } from 'node:crypto';
import type { CheckCall, DiffCall } from '../protocol/provider.js';
import { UNKNOWN, type PropertyMap, type PropertyValue } from '../protocol/values.js';
import { text } from '../provider/properties.js';
import { CloudSession } from '../provider/session.js';
import type { Requests } from '../requests.js';
import { groupNamed, normalised } from './arm.js';
import type { ProviderArguments } from './arguments.js';
import type { Cloud } from './cloud.js';
import { callFunction } from './functions/index.js';
import { azure } from './lifecycle.js';
import type { ResourceType } from './resource-type.js';
import { schemaOf } from './schema/schema.js';
import { asProviderError } from './wording.js';

/** Marks inputs whose name was invented, so that a replacement may come before the deletion: azure-native's own flag. */
const createBeforeDelete = '__createBeforeDelete';
/** How often azcore repeats a throttled request. */
const retries = 3;

/** The azure-native provider with one set of arguments. */
export class AzureSession extends CloudSession<Cloud> {
  constructor(
    cloud: Cloud,
    requests: Requests,
    private readonly args: ProviderArguments,
  ) {
    super(azure, cloud, requests, retries);
  }

  protected complete(type: ResourceType, { name, news, olds, randomSeed }: CheckCall): PropertyMap {
    return this.#withLocation(type, withName(type, news, olds, name, randomSeed), olds);
  }

  /** Names on Azure are given, so the old one goes first, unless azure-native invented the name. */
  protected deletesFirst(_type: ResourceType, { oldInputs }: DiffCall): boolean {
    return oldInputs[createBeforeDelete] !== true;
  }

  protected regionOf(_type: ResourceType, inputs: PropertyMap): string | null {
    const location = text(inputs, 'location') ?? text(groupNamed(this.cloud, text(inputs, 'resourceGroupName') ?? '')?.outputs ?? {}, 'location');
    return location === undefined || normalised(location) === 'global' ? null : normalised(location);
  }

  protected worded(error: unknown): unknown {
    return asProviderError(error);
  }

  protected callFunction(token: string, args: PropertyMap): PropertyMap {
    return callFunction(token, args, this.cloud);
  }

  protected foreseen(): PropertyMap {
    return {};
  }

  /** The old location, else the provider's, else that of the resource group. */
  #withLocation(type: ResourceType, news: PropertyMap, olds: PropertyMap): PropertyMap {
    if (news['location'] !== undefined || !('location' in schemaOf(type.token).inputs)) return news;
    const group = news['resourceGroupName'];
    const ofGroup = typeof group === 'string' ? groupNamed(this.cloud, group)?.outputs['location'] : group === UNKNOWN ? UNKNOWN : undefined;
    const location: PropertyValue | undefined = olds['location'] ?? this.args.location ?? ofGroup;
    return location === undefined ? news : { ...news, location };
  }
}

/** Fills in the name that the program left to the provider; the same on every run of one resource. */
function withName(type: ResourceType, news: PropertyMap, olds: PropertyMap, logicalName: string, seed: Uint8Array): PropertyMap {
  const auto = type.autoname;
  if (auto === undefined || news[auto.property] !== undefined) return news;
  const before = olds[auto.property];
  if (before !== undefined) return { ...news, [auto.property]: before, ...(olds[createBeforeDelete] === true ? { [createBeforeDelete]: true } : {}) };
  const hash = createHash('sha256').update(seed).digest('hex');
  switch (auto.form ?? 'suffixed') {
    case 'copied':
      return { ...news, [auto.property]: logicalName };
    case 'guid':
      return { ...news, [auto.property]: [8, 4, 4, 4, 12].reduce<[string, number]>(([made, at], digits) => [`${made}${made === '' ? '' : '-'}${hash.slice(at, at + digits)}`, at + digits], ['', 0])[0], [createBeforeDelete]: true };
    case 'suffixed':
      return { ...news, [auto.property]: logicalName + hash.slice(0, 8), [createBeforeDelete]: true };
  }
}
