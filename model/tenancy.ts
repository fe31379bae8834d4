import { z } from 'zod';
import { ClusterwrightError, type Fault } from './errors.js';
import { checkDocument } from './faults.js';
import { uuidSchema } from './fields.js';
import { pointer } from './pointer.js';
import type { ClusterSpec } from './spec.js';

/** What callers may do, from the least: `viewer` reads; `operator` also creates, changes and deletes; `admin` also reads the audit trail. */
export const callerRoles = ['viewer', 'operator', 'admin'] as const;
export type CallerRole = (typeof callerRoles)[number];

/** Stands for all owners. */
const everyOwner = '*';

const ownerSchema = z.string().min(1).max(63);

/** Who gets a role over which owners' clusters: a group of Microsoft Entra ID, or an application role. */
const grantSchema = z.strictObject({
  group: uuidSchema.optional().describe('Object id of a group; counts for people'),
  applicationRole: z.string().regex(/^[A-Za-z0-9._-]{1,120}$/, 'must be the value of an application role').optional().describe('Value of an application role of the service\'s own registration; counts for portals and for people who were assigned it'),
  role: z.enum(callerRoles),
  owners: z.array(ownerSchema).min(1).max(500),
}).superRefine(({ group, applicationRole }, context) => {
  if ((group === undefined) === (applicationRole === undefined)) context.addIssue({ code: 'custom', message: 'must name either a group or an applicationRole' });
});

/** How much an owner may have; what is left out is not bounded. */
const quotaSchema = z.strictObject({
  clusters: z.int().min(0).optional(),
  nodes: z.int().min(0).optional().describe('Machines that the clusters may grow to together: control planes, and every pool at its `maxNodes`'),
  machineTypes: z.array(z.string().min(1)).optional(),
  regions: z.array(z.string().min(1)).optional(),
  templates: z.array(z.string().min(1)).optional().describe('Templates that clusters must be made from'),
});
export type Quota = z.infer<typeof quotaSchema>;

const tenancyFileSchema = z.strictObject({
  grants: z.array(grantSchema).max(2000),
  quotas: z.record(ownerSchema, quotaSchema).default({}).describe('By owner; "*" is for every owner that has none of its own'),
});

/** Who may do what, and how much: the tenancy file. */
export type Tenancy = z.infer<typeof tenancyFileSchema>;

/** The tenancy of a service without sign-in: nobody is granted anything, since nobody asks. */
export const noTenancy: Tenancy = { grants: [], quotas: {} };

/** Checks a parsed tenancy file. Throws `tenancy-invalid` with every fault. */
export function parseTenancy(document: unknown, file: string): Tenancy {
  const { data, faults } = checkDocument(tenancyFileSchema, document);
  if (data) return data;
  throw new ClusterwrightError('tenancy-invalid', `${file}: ${faults.map((fault) => `${fault.pointer || '(document)'} ${fault.detail}`).join('; ')}.`, { resource: file, faults });
}

/** A role over the clusters of one owner, or of all (`*`). */
export interface CallerGrant {
  readonly role: CallerRole;
  readonly owner: string;
}

/** Who sends a request. */
export interface Caller {
  /** `person` and `application` have signed in; `anonymous` is whoever reaches a service without sign-in. */
  readonly kind: 'person' | 'application' | 'anonymous';
  /** The same for all requests of one caller and different from everybody else's: `person:OBJECT-ID`, `application:OBJECT-ID`. */
  readonly id: string;
  /** For people to read: a user principal name, or an application's client id. */
  readonly name: string;
  readonly grants: readonly CallerGrant[];
  /** When the token ends, milliseconds since the epoch; undefined for who has none. */
  readonly until?: number;
}

/** The caller of a service without sign-in, which listens on loopback alone: may do everything. */
export const anonymous: Caller = { kind: 'anonymous', id: 'anonymous', name: 'anonymous', grants: [{ role: 'admin', owner: everyOwner }] };

/** The caller of an operation for everybody: may do nothing else. */
export const nobody: Caller = { kind: 'anonymous', id: 'nobody', name: 'nobody', grants: [] };

/** What a token's groups and application roles are granted. */
export function grantsOf({ grants }: Tenancy, { groups, applicationRoles }: { groups: readonly string[]; applicationRoles: readonly string[] }): CallerGrant[] {
  return grants
    .filter(({ group, applicationRole }) => (group !== undefined && groups.includes(group)) || (applicationRole !== undefined && applicationRoles.includes(applicationRole)))
    .flatMap(({ role, owners }) => owners.map((owner) => ({ role, owner })));
}

/** Whether a caller has at least a role over an owner's clusters. */
export function mayOver(caller: Caller, role: CallerRole, owner: string): boolean {
  return caller.grants.some((grant) => reaches(grant, role) && (grant.owner === owner || grant.owner === everyOwner));
}

/** Whether a caller has at least a role over the clusters of all owners. */
export function mayOverAll(caller: Caller, role: CallerRole): boolean {
  return mayOver(caller, role, everyOwner);
}

/** Whether a caller has at least a role over somebody's clusters. */
export function maySomewhere(caller: Caller, role: CallerRole): boolean {
  return caller.grants.some((grant) => reaches(grant, role));
}

/** The owners whose clusters a caller may see; undefined for all of them. */
export function visibleOwners(caller: Caller): readonly string[] | undefined {
  return mayOverAll(caller, 'viewer') ? undefined : [...new Set(caller.grants.map(({ owner }) => owner))].sort();
}

function reaches(grant: CallerGrant, role: CallerRole): boolean {
  return callerRoles.indexOf(grant.role) >= callerRoles.indexOf(role);
}

/** The quota of an owner; undefined where nothing bounds it. */
export function quotaOf({ quotas }: Tenancy, owner: string): Quota | undefined {
  return Object.hasOwn(quotas, owner) ? quotas[owner] : quotas[everyOwner];
}

/** What a quota asks of a change by the same owner: what the cluster has already may stay, so that a quota that was made smaller keeps nobody from other changes. */
export function quotaOfChange({ machineTypes, nodes }: Quota, before: ClusterSpec, after: ClusterSpec): Quota {
  const kept = [before.controlPlane.machineType, ...before.nodePools.map(({ machineType }) => machineType)];
  return { machineTypes: machineTypes && [...new Set([...machineTypes, ...kept])], nodes: nodesAtMost(after) > nodesAtMost(before) ? nodes : undefined };
}

/** Machines that a cluster may grow to. */
export function nodesAtMost({ controlPlane, nodePools }: Pick<ClusterSpec, 'controlPlane' | 'nodePools'>): number {
  return nodePools.reduce<number>((sum, { maxNodes }) => sum + maxNodes, controlPlane.replicas);
}

/** What an owner's other clusters take up of its quota. */
export interface Usage {
  readonly clusters: number;
  readonly nodes: number;
}

/** Everything in which a spec goes beyond its owner's quota, beside what the owner has already. */
export function quotaFaults(spec: ClusterSpec, quota: Quota, others: Usage): Fault[] {
  const whose = `the quota of the owner "${spec.owner}"`;
  const one = (at: (string | number)[], value: string | null, allowed: readonly string[] | undefined): Fault[] => (allowed === undefined || (value !== null && allowed.includes(value))
    ? [] : [{ pointer: pointer(at), detail: `is not in ${whose}, which has ${allowed.length === 0 ? 'none' : allowed.join(', ')}` }]);
  const nodes = nodesAtMost(spec);
  return [
    ...one(['template'], spec.template, quota.templates),
    ...one(['region'], spec.region, quota.regions),
    ...one(['controlPlane', 'machineType'], spec.controlPlane.machineType, quota.machineTypes),
    ...spec.nodePools.flatMap(({ machineType }, index) => one(['nodePools', index, 'machineType'], machineType, quota.machineTypes)),
    ...(quota.clusters !== undefined && others.clusters + 1 > quota.clusters
      ? [{ pointer: '/owner', detail: `has ${others.clusters} of the ${quota.clusters} clusters that ${whose} allows` }] : []),
    ...(quota.nodes !== undefined && others.nodes + nodes > quota.nodes
      ? [{ pointer: '/nodePools', detail: `may grow to ${nodes} nodes with the control planes; other clusters have ${others.nodes} of the ${quota.nodes} that ${whose} allows` }] : []),
  ];
}

/** The error of a spec that goes beyond a quota. */
export function beyondQuota(faults: readonly Fault[]): ClusterwrightError {
  return new ClusterwrightError('owner-quota-exceeded', `${faults.length === 1 ? 'One fault' : `${faults.length} faults`}: ${faults.map(({ pointer: at, detail }) => `${at} ${detail}`).join('; ')}.`, { faults });
}
