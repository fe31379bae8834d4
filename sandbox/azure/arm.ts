import { randomUUID } from 'node:crypto';
import { azureRegions } from '../../model/clouds/azure.js';
import type { Item } from '../inventory/item.js';
import type { PropertyMap } from '../protocol/values.js';
import { length, pattern, type Check } from '../provider/checks.js';
import { text } from '../provider/properties.js';
import { lookUp } from './cloud.js';
import { AzureError } from './errors.js';
import { armTypeOf, filled, groupId, namesIn } from './ids.js';
import type { Request, ResourceType } from './resource-type.js';
import { schemaOf } from './schema/schema.js';
import { resourceGroup } from './types/tokens.js';

/** What names of a type look like. https://learn.microsoft.com/azure/azure-resource-manager/management/resource-name-rules */
export interface NameRule {
  readonly least: number;
  readonly most: number;
  readonly form: RegExp;
  /** Completes "must …". */
  readonly meaning: string;
}

/** The rule of most network resources. */
export const networkName: NameRule = { least: 1, most: 80, form: /^[a-zA-Z0-9]([\w.-]*\w)?$/, meaning: 'contain letters, digits and ._-, begin with a letter or digit and end with one or _' };
/** For what has one name only. */
export const defaultName: NameRule = { least: 7, most: 7, form: /^default$/, meaning: 'be default' };

/** An entry of a type that lies in a resource group. */
export interface ArmType extends Omit<ResourceType, 'id' | 'parent' | 'replaces' | 'autoname' | 'admit' | 'computed' | 'recomputed'> {
  /** Where, with the names of inputs in braces: `Microsoft.Network/virtualNetworks/{virtualNetworkName}/subnets/{subnetName}`. */
  readonly path: string;
  /** Type of the resource that it is nested in, unless the group itself. */
  readonly inside?: string;
  /** Where that lies, unless it is the path without its last part and name. */
  readonly parentPath?: string;
  readonly name: NameRule;
  /** Inputs besides names and group whose change needs a new resource. */
  readonly replaces?: readonly string[];
  /** As in `ResourceType`; the parent is there. */
  admit?(request: Request, parent: Item): void;
  computed?(request: Request, id: string, parent: Item): PropertyMap;
  recomputed?(request: Request, existing: Item): PropertyMap;
}

/** Completes an entry by what Resource Manager does with all types alike. */
export function arm(entry: ArmType): ResourceType {
  const { path, inside, parentPath: _parentPath, name, ...rest } = entry;
  const names = namesIn(path);
  const own = names.at(-1) ?? '';
  const parentPath = entry.parentPath ?? path.split('/').slice(0, -2).join('/');
  const idAt = ({ inputs }: Pick<Request, 'inputs'>, where: string): string =>
    `${groupId(text(inputs, 'resourceGroupName') ?? '')}/providers/${filled(where, (part) => text(inputs, part) ?? '')}`;
  const parentOf = (request: Request): Item => {
    const group = text(request.inputs, 'resourceGroupName') ?? '';
    const inGroup = groupNamed(request.cloud, group);
    if (inGroup === undefined) throw new AzureError('ResourceGroupNotFound', `Resource group '${group}' could not be found.`, 404);
    if (inside === undefined) return inGroup;
    const id = idAt(request, parentPath);
    const found = lookUp(request.cloud, inside, id);
    if (found === undefined) {
      throw new AzureError('ParentResourceNotFound', `Failed to perform 'write' on resource(s) of type '${armTypeOf(path)}', because the parent resource '${id}' could not be found.`, 404);
    }
    return found;
  };
  return {
    ...rest,
    replaces: ['resourceGroupName', ...names, ...(entry.replaces ?? [])],
    autoname: { property: own, longest: name.most, form: inside === undefined ? 'suffixed' : 'copied' },
    checks: [...nameChecks(own, name), ...(entry.checks ?? [])],
    admit(request) {
      const parent = parentOf(request);
      requirePlace(request, armTypeOf(path));
      entry.admit?.(request, parent);
    },
    id: (request) => idAt(request, path),
    parent: (request) => {
      const { type, id } = parentOf(request);
      return { type, id };
    },
    computed: (request, id) => ({ ...common(entry, request.inputs), ...placed(entry, request), ...entry.computed?.(request, id, parentOf(request)) }),
    recomputed: (request, existing) => ({ ...common(entry, request.inputs), ...placed(entry, request), ...entry.recomputed?.(request, existing) }),
    // Worked out when it is asked for: the schema of a new entry is written with the entry there.
    get volatile() {
      return [...(schemaOf(entry.token).outputs.includes('etag') ? ['etag'] : []), ...(entry.volatile ?? [])];
    },
    afterDelete(item, cloud) {
      for (const child of cloud.inventory.childrenOf(item)) cloud.inventory.delete(child);
      entry.afterDelete?.(item, cloud);
    },
  };
}

function nameChecks(property: string, { least, most, form, meaning }: NameRule): Check[] {
  return [length(property, least, most), pattern(property, form, meaning)];
}

/** A location must be one of Azure's, and a resource stays where it is. */
function requirePlace({ inputs, existing }: Request, armType: string): void {
  const location = text(inputs, 'location');
  if (location === undefined) return;
  const place = normalised(location);
  if (place !== 'global' && !azureRegions.includes(place)) {
    throw new AzureError('LocationNotAvailableForResourceType', `The provided location '${location}' is not available for resource type '${armType}'. List of available regions for the resource type is '${azureRegions.join(',')}'.`);
  }
  const before = text(existing?.outputs ?? {}, 'location');
  if (existing !== undefined && before !== undefined && normalised(before) !== place) {
    throw new AzureError('InvalidResourceLocation', `The resource '${text(existing.outputs, 'name') ?? ''}' already exists in location '${normalised(before)}'. A resource with the same name cannot be created in location '${place}'.`, 409);
  }
}

/** `West Europe` is `westeurope`. */
export function normalised(location: string): string {
  return location.toLowerCase().replaceAll(' ', '');
}

/** What every answer of Resource Manager holds, as far as the class has it. */
function common({ token, path }: Pick<ArmType, 'token' | 'path'>, inputs: PropertyMap): PropertyMap {
  const { outputs, apiVersion } = schemaOf(token);
  const all: PropertyMap = {
    name: text(inputs, namesIn(path).at(-1) ?? '') ?? '',
    type: armTypeOf(path),
    azureApiVersion: apiVersion ?? '',
    provisioningState: 'Succeeded',
    etag: `W/"${randomUUID()}"`,
  };
  return Object.fromEntries(Object.entries(all).filter(([name]) => outputs.includes(name)));
}

/** Locations come back in their short form. */
function placed({ token }: Pick<ArmType, 'token'>, { inputs }: Request): PropertyMap {
  const location = text(inputs, 'location');
  return location === undefined || !schemaOf(token).outputs.includes('location') ? {} : { location: normalised(location) };
}

/** The item of a resource group, by name. */
export function groupNamed(cloud: Request['cloud'], name: string): Item | undefined {
  return lookUp(cloud, resourceGroup, groupId(name));
}
