import type { Item, ItemRef } from '../inventory/item.js';
import { identity, noIdentity, tagMap, type Identity } from '../inventory/tags.js';
import type { PropertyMap, PropertyValue } from '../protocol/values.js';
import { lookUp, type Cloud } from './cloud.js';
import { AwsError } from './errors.js';
import { select } from './properties.js';
import type { Request, ResourceType } from './resource-type.js';
import { schemaOf } from './schema/schema.js';

/**
 * Creates an item in one step: everything a real cloud would verify, then the item with what the cloud computes.
 * @param launcher the group that launches it, when it is not the program that asks.
 */
export function admitNew(cloud: Cloud, type: ResourceType, region: string | null, inputs: PropertyMap, launcher?: ItemRef): Item {
  const request: Request = { inputs, region: region ?? 'us-east-1', cloud, existing: undefined };
  const referenced = resolveReferences(type, request);
  const there = type.again?.(request);
  if (there !== undefined) return applyChange(cloud, type, there, inputs);
  type.admit?.(request);
  const id = type.id(request);
  if (cloud.inventory.get(type.token, id) !== undefined) throw new AwsError('ResourceAlreadyExists', `${id} already exists`, 409);
  const parent = launcher ?? type.parent?.(request) ?? null;
  const outputs = { ...type.defaults, ...inputs, ...common(type, inputs, region), ...type.computed?.(request, id) };
  const now = cloud.clock.now();
  const item: Item = {
    type: type.token,
    id,
    ...ownerOf(cloud, inputs, parent, referenced),
    parent,
    region,
    inputs,
    outputs: declared(type, outputs),
    createdAt: now,
    readyAt: now + cloud.latency.milliseconds(type.latency.create),
  };
  cloud.inventory.create(item);
  return item;
}

/** Changes an item in one step. Outputs that were inputs and are no longer given fall back to their defaults. */
export function applyChange(cloud: Cloud, type: ResourceType, item: Item, inputs: PropertyMap): Item {
  const request: Request = { inputs, region: item.region ?? 'us-east-1', cloud, existing: item };
  const referenced = resolveReferences(type, request);
  type.admit?.(request);
  const kept = Object.fromEntries(Object.entries(item.outputs).filter(([name]) => !(name in item.inputs) || name in inputs));
  const base = { ...kept, ...defaultsFor(type, kept), ...inputs, ...common(type, inputs, item.region) };
  const changed: Item = {
    ...item,
    ...ownerOf(cloud, inputs, item.parent, referenced),
    inputs,
    outputs: declared(type, { ...base, ...type.recomputed?.(request, item) }),
  };
  cloud.inventory.update(changed);
  return changed;
}

/** Lets the cloud do what it does after a deletion, whoever deleted. */
export function followDeletions(cloud: Cloud, typeOf: (token: string) => ResourceType | undefined): void {
  cloud.inventory.subscribe({ deleted: (item) => typeOf(item.type)?.afterDelete?.(item, cloud) });
}

/** Every reference must name something that exists; returns what they name. */
function resolveReferences(type: ResourceType, request: Request): Item[] {
  return (type.references ?? []).flatMap((reference) =>
    select(request.inputs, reference.property).map(({ value }) => {
      const named = typeof value === 'string' ? value : JSON.stringify(value);
      const found = lookUp(request.cloud, reference.type, named);
      if (found === undefined) throw reference.missing(named);
      return found;
    }),
  );
}

/** By its own tags, else its parent's owner, else that of what it refers to: a route in a foreign table belongs to its target. */
function ownerOf(cloud: Cloud, inputs: PropertyMap, parent: ItemRef | null, referenced: readonly Item[]): Identity {
  const own = identity(inputs['tags']);
  if (own.cluster !== null) return own;
  const parentItem = parent === null ? undefined : cloud.inventory.get(parent.type, parent.id);
  const owner = [parentItem, ...referenced].find((item) => item !== undefined && item.cluster !== null);
  if (owner === undefined) return { ...noIdentity, resource: own.resource };
  return { cluster: owner.cluster, uid: owner.uid, resource: own.resource ?? owner.resource };
}

/** What all types of a kind have alike. */
function common(type: ResourceType, inputs: PropertyMap, region: string | null): PropertyMap {
  const { outputs } = schemaOf(type.token);
  return {
    ...(outputs.includes('tagsAll') ? { tagsAll: { ...tagMap(inputs['tags']) } } : {}),
    ...(region !== null && outputs.includes('region') ? { region } : {}),
  };
}

function defaultsFor(type: ResourceType, kept: PropertyMap): PropertyMap {
  const missing = Object.entries(type.defaults ?? {}).filter(([name]) => !(name in kept));
  return Object.fromEntries<PropertyValue>(missing);
}

/** An output that the SDK's class does not have is a mistake in an entry, and must not pass unseen. */
function declared(type: ResourceType, outputs: PropertyMap): PropertyMap {
  const schema = schemaOf(type.token);
  const stray = Object.keys(outputs).find((name) => !schema.outputs.includes(name) && !(name in schema.inputs) && !name.startsWith('__'));
  if (stray !== undefined) throw new Error(`${type.token} has no output ${stray}`);
  return outputs;
}

