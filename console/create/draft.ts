import type { ClusterRequest, Group, Provider, Template } from '../shapes.js';
import { isObject, merged } from './merge.js';

/** What stands in the form: numbers as they were typed. */
export interface Draft {
  readonly template: string;
  readonly provider: Provider;
  readonly region: string;
  readonly name: string;
  readonly owner: string;
  readonly kubernetesVersion: string;
  readonly tenantId: string;
  readonly clientId: string;
  readonly pools: readonly DraftPool[];
  readonly groups: readonly DraftGroup[];
  /** JSON that is merged over all else; empty for none. */
  readonly advanced: string;
}

/** A pool as it stands in the form. */
export interface DraftPool { readonly name: string; readonly machineType: string; readonly minNodes: string; readonly maxNodes: string; readonly diskGiB: string }
/** A group as it stands in the form. @property namespaces separated by commas */
export interface DraftGroup { readonly id: string; readonly role: Group['role']; readonly namespaces: string }

/** Roles that hold in namespaces alone. */
export const namespacedRoles: readonly Group['role'][] = ['developer', 'viewer'];

/** An empty form with what a template gives. */
export function draftOf(template: Template): Draft {
  const provider: Provider = template.spec.aws === undefined ? 'azure' : 'aws';
  return {
    name: '', owner: '', tenantId: '', clientId: '', groups: [{ id: '', role: 'admin', namespaces: '' }], advanced: '',
    template: template.name, provider, ...defaultsOf(template, provider),
  };
}

/** The same wishes with another template or on another cloud: what comes from the template is that of the new one. */
export function withTemplate(draft: Draft, template: Template, wanted: Provider): Draft {
  const provider = template.spec[wanted] === undefined ? draftOf(template).provider : wanted;
  return { ...draft, template: template.name, provider, ...defaultsOf(template, provider) };
}

function defaultsOf(template: Template, provider: Provider): Pick<Draft, 'region' | 'kubernetesVersion' | 'pools'> {
  const spec: Readonly<Record<string, unknown>> = template.spec[provider] ?? {};
  const pools = Array.isArray(spec['nodePools']) ? spec['nodePools'].filter(isObject) : [];
  return {
    region: textOf(spec['region']),
    kubernetesVersion: textOf(spec['kubernetesVersion']),
    pools: pools.map((pool) => ({ name: textOf(pool['name']), machineType: textOf(pool['machineType']), minNodes: textOf(pool['minNodes']), maxNodes: textOf(pool['maxNodes']), diskGiB: textOf(pool['diskGiB']) })),
  };
}

/** The request that a form stands for, or what is wrong with the JSON in it. Everything else is left to the service to judge. */
export function requestOf(draft: Draft): { readonly request: ClusterRequest; readonly wrongJson?: undefined } | { readonly request?: undefined; readonly wrongJson: string } {
  const { template, provider, region, name, owner, kubernetesVersion, tenantId, clientId, pools, groups } = draft;
  const request = {
    name: name.trim(), template, provider, region: region.trim(), kubernetesVersion,
    ...(owner.trim() === '' ? {} : { owner: owner.trim() }),
    nodePools: pools.map((pool) => ({ name: pool.name.trim(), machineType: pool.machineType.trim(), minNodes: numberOf(pool.minNodes), maxNodes: numberOf(pool.maxNodes), diskGiB: numberOf(pool.diskGiB) })),
    access: {
      entra: { tenantId: tenantId.trim(), clientId: clientId.trim() },
      groups: groups.map(({ id, role, namespaces }) => ({ id: id.trim(), role, ...(namespacedRoles.includes(role) ? { namespaces: listOf(namespaces) } : {}) })),
    },
  };
  if (draft.advanced.trim() === '') return { request: request as unknown as ClusterRequest };
  try {
    const patch: unknown = JSON.parse(draft.advanced);
    if (!isObject(patch)) return { wrongJson: 'must be a JSON object, such as {"labels": {"cost-centre": "4711"}}' };
    return { request: merged(request, patch) as ClusterRequest };
  } catch (error) {
    return { wrongJson: `is not JSON: ${error instanceof Error ? error.message : String(error)}` };
  }
}

/** Places of the document that the form has a field for; faults of all others belong to the JSON. */
export function hasField({ pools, groups }: Draft, pointer: string): boolean {
  const fixed = ['/name', '/template', '/provider', '/region', '/owner', '/kubernetesVersion', '/nodePools', '/access/groups', '/access/entra/tenantId', '/access/entra/clientId'];
  return fixed.includes(pointer)
    || pools.some((_, index) => ['name', 'machineType', 'minNodes', 'maxNodes', 'diskGiB'].some((field) => pointer === `/nodePools/${index}/${field}`))
    || groups.some((group, index) => ['id', 'role', ...(namespacedRoles.includes(group.role) ? ['namespaces'] : [])].some((field) => pointer === `/access/groups/${index}/${field}`));
}

/** A number, or the text as it is for the service to refuse. */
function numberOf(text: string): number | string {
  return /^\s*-?\d+\s*$/.test(text) ? Number(text) : text;
}

function listOf(text: string): string[] {
  return text.split(',').map((part) => part.trim()).filter((part) => part !== '');
}

function textOf(value: unknown): string {
  return typeof value === 'string' || typeof value === 'number' ? String(value) : '';
}
