import { cidr, overlaps } from './cidr.js';
import { clouds } from './clouds/index.js';
import type { Fault } from './errors.js';
import { repeated } from './faults.js';
import { pipelineFaults } from './pipelines.js';
import { isReservedNamespace } from './platform.js';
import { platformRules } from './platform-rules.js';
import type { Rule, ValidParts } from './rule.js';
import { namespacedRoles, type Role } from './spec.js';

export type { ValidParts } from './rule.js';

/** All rules across fields; each looks at the parts it needs and says nothing where they are missing. */
const rules: readonly Rule[] = [
  regionExists, machineTypesFit, networkSize, networksApart, poolNamesUnique, poolBounds, namespaceNames, roleNamespaces, bindingsUnique, pipelines, publicCidrs, workloadIdentity, ...platformRules,
];

/** Faults across the fields of a spec, all at once. */
export function crossFieldFaults(spec: ValidParts): Fault[] {
  return rules.flatMap((rule) => rule(spec));
}

function regionExists({ provider, region }: ValidParts): Fault[] {
  if (!provider || region === undefined || clouds[provider].regions.includes(region)) return [];
  return [{ pointer: '/region', detail: `is not a region of ${provider} that clusters can be made in; known are: ${clouds[provider].regions.join(', ')}` }];
}

function machineTypesFit({ provider, controlPlane, nodePools }: ValidParts): Fault[] {
  if (!provider) return [];
  const { machineTypePattern, machineType } = clouds[provider];
  const named = [
    ...(controlPlane ? [{ pointer: '/controlPlane/machineType', type: controlPlane.machineType, controlPlane: true }] : []),
    ...(nodePools ?? []).map((pool, index) => ({ pointer: `/nodePools/${index}/machineType`, type: pool.machineType, controlPlane: false })),
  ];
  return named.flatMap(({ pointer, type, controlPlane: forControlPlane }) => {
    if (!machineTypePattern.test(type)) return [{ pointer, detail: `"${type}" does not look like a machine type of ${provider}` }];
    const facts = machineType(type);
    if (!facts) return [{ pointer, detail: `"${type}" is not in the catalogue of ${provider} machine types that are known to work as nodes` }];
    if (forControlPlane && (facts.vcpus < 2 || facts.memoryGiB < 4)) return [{ pointer, detail: `"${type}" is too small: a control plane needs 2 vCPUs and 4 GiB` }];
    if (facts.memoryGiB < 4) return [{ pointer, detail: `"${type}" is too small: a node needs 4 GiB` }];
    return [];
  });
}

function networkSize({ provider, network }: ValidParts): Fault[] {
  if (!network) return [];
  const faults: Fault[] = [];
  const bits = cidr(network.cidr).bitmask;
  if (provider) {
    const { min, max } = clouds[provider].networkBits;
    if (bits < min || bits > max) faults.push({ pointer: '/network/cidr', detail: `must be between /${min} and /${max} on ${provider}` });
  }
  // Every node gets a /24 of the pod network.
  if (cidr(network.podCidr).bitmask > 20) faults.push({ pointer: '/network/podCidr', detail: 'must be a /20 or larger: each node takes a /24 of it' });
  const serviceBits = cidr(network.serviceCidr).bitmask;
  if (serviceBits > 24 || serviceBits < 12) faults.push({ pointer: '/network/serviceCidr', detail: 'must be between /12 and /24' });
  return faults;
}

function networksApart({ network }: ValidParts): Fault[] {
  if (!network) return [];
  const faults: Fault[] = [];
  const fields = ['cidr', 'podCidr', 'serviceCidr'] as const;
  fields.forEach((later, index) => {
    for (const earlier of fields.slice(0, index)) {
      if (overlaps(network[earlier], network[later])) {
        faults.push({ pointer: `/network/${later}`, detail: `${network[later]} overlaps with /network/${earlier} (${network[earlier]})` });
      }
    }
  });
  return faults;
}

function poolNamesUnique({ nodePools = [] }: ValidParts): Fault[] {
  return repeated(nodePools.map((pool) => pool.name)).map((index) => ({ pointer: `/nodePools/${index}/name`, detail: 'is the name of another pool' }));
}

function poolBounds({ nodePools = [] }: ValidParts): Fault[] {
  return nodePools.flatMap((pool, index) =>
    pool.minNodes > pool.maxNodes ? [{ pointer: `/nodePools/${index}/maxNodes`, detail: `must not be less than minNodes (${pool.minNodes})` }] : []);
}

function namespaceNames({ namespaces = [] }: ValidParts): Fault[] {
  return [
    ...repeated(namespaces.map((namespace) => namespace.name)).map((index) => ({ pointer: `/namespaces/${index}/name`, detail: 'is the name of another namespace' })),
    ...namespaces.flatMap((namespace, index) =>
      isReservedNamespace(namespace.name) ? [{ pointer: `/namespaces/${index}/name`, detail: `"${namespace.name}" belongs to the platform` }] : []),
  ];
}

function roleNamespaces({ access, namespaces }: ValidParts): Fault[] {
  if (!access) return [];
  const known = namespaces?.map(({ name }) => name);
  return [
    ...access.groups.flatMap((group, index) => roleNamespaceFaults(group, known, `/access/groups/${index}/namespaces`)),
    ...access.grants.flatMap((grant, index) => roleNamespaceFaults(grant, known, `/access/grants/${index}/namespaces`)),
  ];
}

/** What is wrong with the namespaces that a role is given in. @param known those of the spec, where they are known @param at pointer to the namespaces */
export function roleNamespaceFaults({ role, namespaces }: { readonly role: Role; readonly namespaces?: readonly string[] | undefined }, known: readonly string[] | undefined, at: string): Fault[] {
  const needsNamespaces = namespacedRoles.includes(role);
  if (needsNamespaces && !namespaces) return [{ pointer: at, detail: `is required: the role "${role}" holds in namespaces only` }];
  if (!needsNamespaces && namespaces) return [{ pointer: at, detail: `must be absent: the role "${role}" holds in the whole cluster` }];
  if (!known) return [];
  return (namespaces ?? []).flatMap((name, position) => known.includes(name) ? [] : [{ pointer: `${at}/${position}`, detail: `"${name}" is not a namespace of this spec` }]);
}

function bindingsUnique({ access }: ValidParts): Fault[] {
  if (!access) return [];
  return repeated(access.groups.map((group) => `${group.id.toLowerCase()} ${group.role}`))
    .map((index) => ({ pointer: `/access/groups/${index}`, detail: 'repeats a group and role that is given above' }));
}

function pipelines({ name, access, namespaces }: ValidParts): Fault[] {
  if (!access) return [];
  return pipelineFaults(access.pipelines, { entra: access.entra, cluster: name, namespaces: namespaces?.map((namespace) => namespace.name) }, '/access/pipelines');
}

function publicCidrs({ network }: ValidParts): Fault[] {
  if (!network) return [];
  const { public: isPublic, allowedCidrs } = network.apiServer;
  if (isPublic && allowedCidrs.length === 0) return [{ pointer: '/network/apiServer/allowedCidrs', detail: 'must name at least one network when the API server is public' }];
  return [];
}

/** Without workload identity the controllers with cloud rights would run host-network on control planes, which the pinned charts cannot do yet. */
function workloadIdentity({ network }: ValidParts): Fault[] {
  if (!network || network.workloadIdentity) return [];
  return [{ pointer: '/network/workloadIdentity', detail: 'must be true: the storage, logging and backup add-ons have no other way to their cloud rights yet' }];
}
