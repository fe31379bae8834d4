import { z } from 'zod';
import type { Item } from '../../inventory/item.js';
import { tagMap } from '../../inventory/tags.js';
import type { PropertyMap } from '../../protocol/values.js';
import { list, object, text, texts } from '../../provider/properties.js';
import { anyWithId, lookUp, subscriptionId, tenantId, type Cloud } from '../cloud.js';
import { AzureError } from '../errors.js';
import { groupId, nameOf } from '../ids.js';
import { versionOf } from '../images.js';
import { admitNew } from '../lifecycle.js';
import { runningSince } from '../machines.js';
import { sameId } from '../types/references.js';
import { resourceType } from '../types/index.js';
import * as tokens from '../types/tokens.js';
import type { DataPlanes } from './data-planes.js';
import type { ResourceGraph } from './graph.js';
import { skus } from './skus.js';
import { usages } from './usages.js';
import { header, json, type WireRequest, type WireResponse } from './wire.js';

/** For whom tokens must be. */
const audience = 'https://management.azure.com';
const subscription = `/subscriptions/${subscriptionId}`;
/** Name and tier of the size may be told again. */
const resizeSchema = z.strictObject({ sku: z.strictObject({ name: z.string().optional(), tier: z.string().optional(), capacity: z.int().min(0).max(1000) }) });

/** Real seconds from the start of a deallocated machine until it runs. */
const bootSeconds = 30;

const putRuleSchema = z.object({ properties: z.record(z.string(), z.union([z.string(), z.number()])) });

/** What may be deleted through Resource Manager here: what a cluster's controllers make, and the worker removes, single machines of pools, and rules that somebody added. */
const deletable: ReadonlySet<string> = new Set([tokens.loadBalancer, tokens.publicIpAddress, tokens.disk, tokens.virtualMachineScaleSetVm, tokens.securityRule]);

/** Lists of a resource group by what their path ends with. */
const listed: Readonly<Record<string, string>> = {
  'microsoft.network/loadbalancers': tokens.loadBalancer,
  'microsoft.network/publicipaddresses': tokens.publicIpAddress,
  'microsoft.compute/disks': tokens.disk,
  'microsoft.compute/virtualmachinescalesets': tokens.virtualMachineScaleSet,
  'microsoft.compute/virtualmachines': tokens.virtualMachine,
};

/** Azure Resource Manager as far as the worker asks it. What it does not imitate is refused by name. */
export async function management(planes: DataPlanes, graph: ResourceGraph, request: WireRequest): Promise<WireResponse> {
  if (planes.tokens.holderOf(header(request, 'authorization'), audience) === undefined) throw new AzureError('AuthenticationFailed', 'Authentication failed. The \'Authorization\' header is missing.', 401);
  if (!request.query.has('api-version')) throw new AzureError('MissingApiVersionParameter', 'The api-version query parameter (?api-version=) is required for all requests.');
  const { method } = request;
  const path = decodeURIComponent(request.path);
  if (method === 'POST' && path === '/providers/Microsoft.ResourceGraph/resources') return graph.query(JSON.parse(request.body.toString('utf8') || '{}'));
  const [, own = ''] = /^\/subscriptions\/([^/]+)/i.exec(path) ?? [];
  if (own.toLowerCase() !== subscriptionId) throw new AzureError('SubscriptionNotFound', `The subscription '${own}' could not be found.`, 404);
  switch (method) {
    case 'GET':
      return read(planes, path, request.query);
    case 'DELETE':
      return remove(planes.cloud, path);
    case 'POST':
      return switchMachine(planes.cloud, path);
    case 'PUT':
      return addRule(planes.cloud, path, request.body.toString('utf8'));
    case 'PATCH':
      return resizeScaleSet(planes.cloud, path, request.body.toString('utf8'));
    default:
      throw new AzureError('HttpMethodNotAllowed', `the sandbox does not imitate ${method} ${path} of Resource Manager`, 405);
  }
}

function read({ cloud, deletedVaults, denied }: DataPlanes, path: string, query: URLSearchParams): WireResponse {
  const { inventory } = cloud;
  if (sameId(path, subscription)) return json(200, { id: subscription, subscriptionId, tenantId, displayName: 'sandbox', state: 'Enabled' });
  const below = path.slice(subscription.length).toLowerCase();
  const [, region] = /^\/providers\/microsoft\.compute\/locations\/([^/]+)\/usages$/.exec(below) ?? [];
  if (region !== undefined) return page(usages(cloud, region));
  if (below === '/providers/microsoft.compute/skus') return page(skus(query.get('$filter') ?? ''));
  const [, place, ...ubuntu] = /^\/providers\/microsoft\.compute\/locations\/([^/]+)\/publishers\/([^/]+)\/artifacttypes\/vmimage\/offers\/([^/]+)\/skus\/([^/]+)\/versions$/.exec(below) ?? [];
  if (place !== undefined) {
    if (ubuntu.join('/') !== 'canonical/ubuntu-24_04-lts/server') throw new AzureError('PlatformImageNotFound', `the sandbox has images of Ubuntu 24.04 only, not ${ubuntu.join('/')}`, 404);
    // Unlike other lists, this one is no page. https://learn.microsoft.com/rest/api/compute/virtual-machine-images/list
    return json(200, cloud.ubuntu.serials().map((serial) => ({ id: `${path}/${versionOf(serial)}`, name: versionOf(serial), location: place })));
  }
  // The service's own identity has Contributor and more; no assignment in the sandbox says so.
  if (below === '/providers/microsoft.authorization/permissions') return page([{ actions: ['*'], notActions: denied(), dataActions: [], notDataActions: [] }]);
  if (below === '/providers/microsoft.keyvault/deletedvaults') return page(deletedVaults.list(subscription));
  if (below === '/providers/microsoft.authorization/roledefinitions') {
    if (query.get('$filter') !== 'atScopeAndBelow() and type eq \'CustomRole\'') throw new AzureError('BadRequest', `the sandbox does not imitate the filter ${query.get('$filter') ?? ''}`);
    return page(inventory.ofType(tokens.roleDefinition).map(roleDefinition));
  }
  const [, network] = /^(.*\/virtualNetworks\/[^/]+)\/virtualNetworkPeerings$/i.exec(path) ?? [];
  if (network !== undefined) {
    const item = lookUp(cloud, tokens.virtualNetwork, network);
    if (item === undefined) throw notFound(network);
    return page(inventory.childrenOf(item, tokens.virtualNetworkPeering).map(shown));
  }
  const [, rules] = /^(.*\/networkSecurityGroups\/[^/]+)\/securityRules$/i.exec(path) ?? [];
  if (rules !== undefined) {
    const item = lookUp(cloud, tokens.networkSecurityGroup, rules);
    if (item === undefined) throw notFound(rules);
    return page(inventory.childrenOf(item, tokens.securityRule).map(shown));
  }
  const [, set] = /^(.*\/virtualMachineScaleSets\/[^/]+)\/virtualMachines$/i.exec(path) ?? [];
  if (set !== undefined) {
    const item = lookUp(cloud, tokens.virtualMachineScaleSet, set);
    if (item === undefined) throw notFound(set);
    return page(inventory.childrenOf(item, tokens.virtualMachineScaleSetVm).map(shown));
  }
  const [, group = '', rest = ''] = /^\/resourcegroups\/([^/]+)\/(.*)$/.exec(below) ?? [];
  const kind = rest === 'resources' ? undefined : listed[rest.replace(/^providers\//, '')];
  if (rest === 'resources' || kind !== undefined) return page(inGroup(cloud, group, kind).map(shown));
  const [, machine] = /^(.*\/virtualMachines\/[^/]+)\/instanceView$/i.exec(path) ?? [];
  if (machine !== undefined) return powerOf(cloud, machine);
  const item = anyWithId(cloud, path) ?? roleNamed(cloud, path);
  if (item === undefined) throw notFound(path);
  return json(200, item.type === tokens.roleDefinition ? roleDefinition(item) : shown(item));
}

/** Resources of a group, without those that are part of others. */
function inGroup(cloud: Cloud, name: string, type: string | undefined): Item[] {
  const group = lookUp(cloud, tokens.resourceGroup, groupId(name));
  if (group === undefined) throw new AzureError('ResourceGroupNotFound', `Resource group '${name}' could not be found.`, 404);
  const own = /^\/subscriptions\/[^/]+\/resourceGroups\/[^/]+\/providers\/[^/]+\/[^/]+\/[^/]+$/i;
  const prefix = `${group.id}/providers/`.toLowerCase();
  return cloud.inventory.list().filter((item) => item.id.toLowerCase().startsWith(prefix) && own.test(item.id) && !item.id.includes('/Microsoft.Authorization/') && (type === undefined || item.type === type));
}

/** A role definition may be asked for in whatever scope it holds. */
function roleNamed(cloud: Cloud, path: string): Item | undefined {
  if (!/\/providers\/Microsoft\.Authorization\/roleDefinitions\/[^/]+$/i.test(path)) return undefined;
  return cloud.inventory.ofType(tokens.roleDefinition).find(({ id }) => sameId(nameOf(id), nameOf(path)));
}

/** Deletions are taken (202) and done at once. */
function remove(cloud: Cloud, path: string): WireResponse {
  const item = anyWithId(cloud, path);
  if (item === undefined) return { status: 204 };
  if (!deletable.has(item.type)) throw new AzureError('HttpMethodNotAllowed', `the sandbox deletes no ${item.type} here`, 405);
  const blocker = resourceType(item.type).blocker?.(item, cloud);
  if (blocker !== undefined) throw blocker;
  cloud.inventory.delete(item);
  return { status: 202 };
}

/** Of a machine's instance view its power state. */
function powerOf(cloud: Cloud, path: string): WireResponse {
  const item = lookUp(cloud, tokens.virtualMachine, path);
  if (item === undefined) throw notFound(path);
  const since = runningSince(item);
  const state = since === null ? 'deallocated' : since > cloud.clock.now() ? 'starting' : 'running';
  return json(200, { statuses: [{ code: 'ProvisioningState/succeeded', level: 'Info' }, { code: `PowerState/${state}`, level: 'Info' }] });
}

/** Deallocates a machine, which is done at once, or starts it, which takes the time that a new one takes to boot. */
function switchMachine(cloud: Cloud, path: string): WireResponse {
  const [, machine = '', action = ''] = /^(.*\/virtualMachines\/[^/]+)\/(start|deallocate)$/i.exec(path) ?? [];
  const item = lookUp(cloud, tokens.virtualMachine, machine);
  if (item === undefined) throw machine === '' ? new AzureError('HttpMethodNotAllowed', `the sandbox does not imitate POST ${path} of Resource Manager`, 405) : notFound(machine);
  const off = action.toLowerCase() === 'deallocate';
  if ((runningSince(item) === null) === off) return { status: 200 };
  cloud.inventory.update({ ...item, switchedOff: off, readyAt: off ? item.readyAt : cloud.clock.now() + cloud.latency.milliseconds(bootSeconds) });
  return { status: 202 };
}

/** A rule of a network security group, as somebody adds one by hand. Nothing else can be put here: resources are the engine's. */
function addRule(cloud: Cloud, path: string, body: string): WireResponse {
  const [, resourceGroupName, networkSecurityGroupName, securityRuleName] = /\/resourceGroups\/([^/]+)\/providers\/Microsoft\.Network\/networkSecurityGroups\/([^/]+)\/securityRules\/([^/]+)$/i.exec(path) ?? [];
  if (resourceGroupName === undefined || networkSecurityGroupName === undefined || securityRuleName === undefined) throw new AzureError('HttpMethodNotAllowed', `the sandbox does not imitate PUT ${path} of Resource Manager`, 405);
  const { properties } = putRuleSchema.parse(JSON.parse(body || '{}'));
  return json(201, shown(admitNew(cloud, resourceType(tokens.securityRule), null, { ...properties, resourceGroupName, networkSecurityGroupName, securityRuleName })));
}

/** Of a scale set the number of its machines can be changed here: its model is the engine's. */
function resizeScaleSet(cloud: Cloud, path: string, body: string): WireResponse {
  const item = lookUp(cloud, tokens.virtualMachineScaleSet, path);
  const change = resizeSchema.safeParse(JSON.parse(body || '{}'));
  if (item === undefined) throw anyWithId(cloud, path) === undefined ? notFound(path) : new AzureError('HttpMethodNotAllowed', `the sandbox does not imitate PATCH ${path} of Resource Manager`, 405);
  if (!change.success) throw new AzureError('InvalidRequestContent', 'the sandbox changes nothing but sku.capacity of a scale set here');
  const { capacity } = change.data.sku;
  // What was asked for changes too: azure-native's refresh takes over into the inputs what differs in the outputs.
  const resized = (properties: PropertyMap): PropertyMap => ({ ...properties, sku: { ...object(properties, 'sku'), capacity } });
  cloud.inventory.update({ ...item, inputs: resized(item.inputs), outputs: resized(item.outputs) });
  return json(200, shown(cloud.inventory.get(item.type, item.id) ?? item));
}

/** A resource in Resource Manager's form: some things at the top, its own below `properties`. */
function shown({ id, outputs }: Item): object {
  const { name, type, location, tags, sku, zones, identity, kind, managedBy, azureApiVersion: _version, ...properties } = outputs;
  const top = { name: name ?? nameOf(id), type, location, sku, identity, kind, managedBy, ...(list(outputs, 'zones').length > 0 ? { zones } : {}) };
  return { id, ...Object.fromEntries(Object.entries(top).filter(([, value]) => value !== undefined)), ...(tags === undefined ? {} : { tags: tagMap(tags) }), properties };
}

/** Role definitions are shown as the subscription's. */
function roleDefinition({ id, outputs }: Item): object {
  return {
    id: `${subscription}/providers/Microsoft.Authorization/roleDefinitions/${nameOf(id)}`, name: nameOf(id), type: 'Microsoft.Authorization/roleDefinitions',
    properties: { roleName: text(outputs, 'roleName'), type: 'CustomRole', assignableScopes: texts(outputs, 'assignableScopes'), permissions: list(outputs, 'permissions') },
  };
}

function page(value: readonly object[]): WireResponse {
  return json(200, { value });
}

function notFound(path: string): AzureError {
  const [, group, rest] = /\/resourceGroups\/([^/]+)(?:\/providers\/(.*))?$/i.exec(path) ?? [];
  if (group !== undefined && rest === undefined) return new AzureError('ResourceGroupNotFound', `Resource group '${group}' could not be found.`, 404);
  return new AzureError('ResourceNotFound', `The Resource '${rest ?? path}' under resource group '${group ?? ''}' was not found.`, 404);
}
