import { z } from 'zod';
import type { Fault } from './errors.js';
import { checkDocument, faulty, validParts } from './faults.js';
import { uuidSchema } from './fields.js';
import type { Json } from './merge-patch.js';
import { roleNamespaceFaults } from './rules.js';
import { accessGrantSchema, roles, type AccessGrant, type ClusterSpec } from './spec.js';

/** How long a grant holds at least and at most from the moment that it is asked for, in milliseconds: a shorter one would be over before its job, a longer one is no exception any more. */
const shortestMs = 5 * 60_000;
const longestMs = 30 * 24 * 3_600_000;

/** Groups that Entra puts into an access token at most. https://learn.microsoft.com/entra/identity-platform/id-token-claims-reference#groups-overage-claim */
const groupsOfToken = 200;

/** What a reason is most likely to be pasted with by mistake: a key as PEM, a token as JWT, a key of AWS, a password within a URL. */
const secrets = /-----BEGIN|\beyJ[\w-]{8,}\.|\bA(?:KI|SI)A[0-9A-Z]{16}\b|:\/\/[^/\s:@]*:[^/\s@]+@/;

/** What says in a cluster which grant a binding is of, and when it ends: the control planes' tasks/grants.sh looks for both. */
export const grantLabel = 'clusterwright.io/grant';
export const untilAnnotation = 'clusterwright.io/until';

/** What is asked for with a grant. */
export const accessGrantRequestSchema = z.strictObject({
  group: uuidSchema.describe('Object id of the Microsoft Entra ID group; users are never bound'),
  role: z.enum(roles),
  namespaces: accessGrantSchema.shape.namespaces.describe('For `developer` and `viewer`: where'),
  until: z.iso.datetime('must be a time such as 2026-01-31T12:00:00Z').describe('When it ends, between 5 minutes and 30 days from now; parts of a second are dropped'),
  reason: z.string().trim().min(3).max(200).refine((text) => !/\p{C}/u.test(text), 'must be one line').refine((text) => !secrets.test(text), 'must hold no secret: it is shown to everybody who may see the cluster')
    .describe('Why, for example the number of a ticket. It is shown with the cluster and stands in the audit trail'),
});

/**
 * The grant that a body asks for on a cluster. Throws `invalid-body` with every fault: those across fields and with the cluster as far as fields are valid by themselves.
 * @param own id of the grant, who asks and when
 */
export function grantFrom(body: Json, spec: ClusterSpec, own: { readonly id: string; readonly by: string; readonly at: Date }): AccessGrant {
  const { data, faults = [] } = checkDocument(accessGrantRequestSchema, body);
  const all = [...faults, ...rulesFaults(data ?? validParts(accessGrantRequestSchema, body), spec, own.at)];
  if (data === undefined || all.length > 0) throw faulty('invalid-body', all);
  const { group, role, namespaces, until, reason } = data;
  return {
    id: own.id, group, role, ...(namespaces === undefined ? {} : { namespaces: [...new Set(namespaces)] }), until: `${new Date(until).toISOString().slice(0, 19)}Z`, reason,
    grantedBy: own.by, grantedAt: own.at.toISOString(),
  };
}

type Asked = Partial<z.output<typeof accessGrantRequestSchema>>;

function rulesFaults({ group, role, namespaces, until }: Asked, spec: ClusterSpec, now: Date): Fault[] {
  const live = grantsAt(spec, now);
  const ahead = until === undefined ? undefined : Date.parse(until) - now.getTime();
  return [
    ...(ahead !== undefined && ahead < shortestMs ? [{ pointer: '/until', detail: 'must be at least 5 minutes from now' }] : []),
    ...(ahead !== undefined && ahead > longestMs ? [{ pointer: '/until', detail: 'must be at most 30 days from now; what is to last belongs into the spec, /access/groups' }] : []),
    ...(role === undefined ? [] : roleNamespaceFaults({ role, namespaces }, spec.namespaces.map(({ name }) => name), '/namespaces')),
    ...live.filter((grant) => grant.group === group && grant.role === role).map((grant) => ({ pointer: '/group', detail: `has this role until ${grant.until} already, by the grant ${grant.id}: revoke that one first` })),
    ...(live.length >= mostGrants ? [{ pointer: '', detail: `must wait: the cluster has the ${mostGrants} grants that it may have` }] : []),
  ];
}

/** Grants that a cluster may have at once, as the spec has it. */
const mostGrants = 50;

/** The grants of a spec whose time has not passed at `now`. */
export function grantsAt({ access: { grants } }: Pick<ClusterSpec, 'access'>, now: Date): AccessGrant[] {
  return grants.filter(({ until }) => Date.parse(until) > now.getTime());
}

/** A spec with these grants in the place of its own. */
export function withGrants(spec: ClusterSpec, grants: readonly AccessGrant[]): ClusterSpec {
  return { ...spec, access: { ...spec.access, grants: [...grants] } };
}

/** Something that can keep a grant from having its effect although all went well. */
export const accessWarningSchema = z.strictObject({ code: z.literal('group-overage'), detail: z.string() });

/**
 * What is to be known beforehand of tokens with too many groups. It holds for every grant: how many groups somebody is in, and what the application emits, only Entra knows, and the
 * service does not ask there.
 */
export function groupOverageWarning({ access: { entra: { clientId } } }: Pick<ClusterSpec, 'access'>, group: string): z.infer<typeof accessWarningSchema> {
  return {
    code: 'group-overage',
    detail: `Entra puts at most ${groupsOfToken} groups into a token. While the application ${clientId} emits all groups (groupMembershipClaims SecurityGroup or All), whoever is in more gets a token without them, and the cluster refuses it. `
      + `With ApplicationGroup a token holds only groups that are assigned to the application: then ${group} has to be, or the grant has no effect.`,
  };
}
