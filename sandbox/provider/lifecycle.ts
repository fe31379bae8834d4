import type { Item, ItemRef } from '../inventory/item.js';
import { identity, noIdentity, type Identity } from '../inventory/tags.js';
import type { PropertyMap, PropertyValue } from '../protocol/values.js';
import type { CloudState } from './cloud-state.js';
import { select } from './properties.js';
import type { Request, ResourceType } from './resource-type.js';
import type { Vendor } from './vendor.js';

/** The life of resources in one cloud. */
export class Lifecycle<C extends CloudState> {
  constructor(
    private readonly vendor: Vendor<C>,
    private readonly cloud: C,
  ) {}

  /**
   * Creates an item in one step: everything a real cloud would verify, then the item with what the cloud computes.
   * @param launcher what launches it, when it is not the program that asks.
   */
  admitNew(type: ResourceType<C>, region: string | null, inputs: PropertyMap, launcher?: ItemRef): Item {
    const { cloud, vendor } = this;
    const request: Request<C> = { inputs, region: region ?? vendor.regionOfGlobal, cloud, existing: undefined };
    const referenced = this.#resolveReferences(type, request);
    const there = type.again?.(request);
    if (there !== undefined) return this.applyChange(type, there, inputs);
    type.admit?.(request);
    const id = type.id(request);
    if (cloud.inventory.get(type.token, id) !== undefined) throw vendor.taken(id);
    const parent = launcher ?? type.parent?.(request) ?? null;
    const now = cloud.clock.now();
    const item: Item = {
      type: type.token,
      id,
      ...this.#ownerOf(inputs, parent, referenced),
      parent,
      region,
      inputs,
      outputs: this.#declared(type, { ...type.defaults, ...inputs, ...vendor.common(type, inputs, region), ...type.computed?.(request, id) }),
      createdAt: now,
      readyAt: now + cloud.latency.milliseconds(type.latency.create),
    };
    cloud.inventory.create(item);
    type.afterCreate?.(item, cloud);
    return item;
  }

  /** Changes an item in one step. Outputs that were inputs and are no longer given fall back to their defaults. */
  applyChange(type: ResourceType<C>, item: Item, inputs: PropertyMap): Item {
    const { cloud, vendor } = this;
    const request: Request<C> = { inputs, region: item.region ?? vendor.regionOfGlobal, cloud, existing: item };
    const referenced = this.#resolveReferences(type, request);
    type.admit?.(request);
    const kept = Object.fromEntries(Object.entries(item.outputs).filter(([name]) => !(name in item.inputs) || name in inputs));
    const base = { ...kept, ...defaultsFor(type, kept), ...inputs, ...vendor.common(type, inputs, item.region) };
    const changed: Item = {
      ...item,
      ...this.#ownerOf(inputs, item.parent, referenced),
      inputs,
      outputs: this.#declared(type, { ...base, ...type.recomputed?.(request, item) }),
    };
    cloud.inventory.update(changed);
    return changed;
  }

  /** Every reference must name something that exists; returns what they name. */
  #resolveReferences(type: ResourceType<C>, request: Request<C>): Item[] {
    return (type.references ?? []).flatMap((reference) =>
      select(request.inputs, reference.property).map(({ value }) => {
        const named = typeof value === 'string' ? value : JSON.stringify(value);
        const found = this.vendor.lookUp(this.cloud, reference.type, named);
        if (found === undefined) throw reference.missing(named);
        return found;
      }),
    );
  }

  /** By its own tags, else its parent's owner, else that of what it refers to: a route in a foreign table belongs to its target. */
  #ownerOf(inputs: PropertyMap, parent: ItemRef | null, referenced: readonly Item[]): Identity {
    const own = identity(inputs['tags']);
    if (own.cluster !== null) return own;
    const parentItem = parent === null ? undefined : this.cloud.inventory.get(parent.type, parent.id);
    const owner = [parentItem, ...referenced].find((item) => item !== undefined && item.cluster !== null);
    if (owner === undefined) return { ...noIdentity, resource: own.resource };
    return { cluster: owner.cluster, uid: owner.uid, resource: own.resource ?? owner.resource };
  }

  /** Inputs that the cloud does not show are left out. An output that the SDK's class does not have is a mistake in an entry, and must not pass unseen. */
  #declared(type: ResourceType<C>, outputs: PropertyMap): PropertyMap {
    const schema = this.vendor.schemaOf(type.token);
    const shown = Object.entries(outputs).filter(([name]) => schema.outputs.includes(name) || !(name in schema.inputs));
    const stray = shown.find(([name]) => !schema.outputs.includes(name) && !name.startsWith('__'));
    if (stray !== undefined) throw new Error(`${type.token} has no output ${stray[0]}`);
    return Object.fromEntries(shown);
  }
}

/** Lets a cloud do what it does after a deletion, whoever deleted. */
export function followDeletions<C extends CloudState>(cloud: C, typeOf: (token: string) => ResourceType<C> | undefined): void {
  cloud.inventory.subscribe({ deleted: (item) => typeOf(item.type)?.afterDelete?.(item, cloud) });
}

function defaultsFor<C extends CloudState>(type: ResourceType<C>, kept: PropertyMap): PropertyMap {
  const missing = Object.entries(type.defaults ?? {}).filter(([name]) => !(name in kept));
  return Object.fromEntries<PropertyValue>(missing);
}
