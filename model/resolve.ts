import { overlaps } from './cidr.js';
import { parseAzureZone } from './dns.js';
import { ClusterwrightError, type Fault } from './errors.js';
import { checkDocument, faulty, saysMissing, validParts } from './faults.js';
import { isJsonObject, mergePatch, type Json } from './merge-patch.js';
import { tellWhy } from './not-offered.js';
import { crossFieldFaults, type ValidParts } from './rules.js';
import { parseAzureKey } from './sops.js';
import { clusterSpecSchema, immutableFields, providers, type ClusterSpec, type Provider } from './spec.js';
import { templateDefaults, type Catalogue } from './template.js';
import type { Accounts } from './accounts.js';
import { publicTargetsOnly, type AllowedTargets } from './webhook-targets.js';
import { webhookFaults } from './webhooks.js';

/** What a spec is resolved and checked against. */
export interface ResolveContext {
  readonly catalogue: Catalogue;
  readonly accounts: Accounts;
  /** Targets that webhooks may have beside public ones; none without it. */
  readonly allowedTargets?: AllowedTargets;
}

/**
 * The complete spec of a create request: the template merged under the request (RFC 7396), then defaults of items, then all rules.
 * Throws `invalid-spec` with every fault at once.
 */
export function resolveRequest(request: Json, context: ResolveContext): ClusterSpec {
  if (!isJsonObject(request)) throw invalid([{ pointer: '', detail: 'must be a JSON object' }]);
  const provider = providers.find((name) => name === request['provider']);
  const templateName = request['template'];
  const template = typeof templateName === 'string' ? context.catalogue.get(templateName) : undefined;
  const faults: Fault[] = [];
  if (typeof templateName === 'string' && !template) {
    faults.push({ pointer: '/template', detail: `is not in the catalogue; it has: ${[...context.catalogue.keys()].join(', ')}` });
  }
  const grants = isJsonObject(request['access']) ? request['access']['grants'] : undefined;
  if (grants !== undefined && !(Array.isArray(grants) && grants.length === 0)) {
    faults.push({ pointer: '/access/grants', detail: 'must be absent: temporary access is granted by POST /clusters/NAME/access-grants, once the cluster is there' });
  }
  const unknownTemplate = typeof templateName === 'string' && !template;
  const merged = template ? mergePatch(templateDefaults(template, provider ?? firstProvider), request) : request;
  return check(merged, context, faults, unknownTemplate ? request : undefined);
}

const firstProvider: Provider = providers[0];

/**
 * The complete spec after a merge patch over a resolved one. Throws `invalid-spec` with every fault, or `immutable-field` with every
 * field that cannot change, when there are no other faults.
 */
export function resolvePatch(current: ClusterSpec, patch: Json, context: ResolveContext): ClusterSpec {
  const next = resolveOver(current, patch, context);
  const changed = immutableFields.filter((field) => JSON.stringify(at(current, field)) !== JSON.stringify(at(next, field)));
  if (changed.length > 0) {
    throw new ClusterwrightError('immutable-field', `These fields cannot change: ${changed.join(', ')}.`, {
      faults: changed.map((field) => ({ pointer: field, detail: changesBy[field] ?? 'cannot change after creation' })),
    });
  }
  return next;
}

/** The complete spec after a merge patch over another one, from which every field may differ. Throws `invalid-spec` with every fault. */
export function resolveOver(base: ClusterSpec, patch: Json, context: ResolveContext): ClusterSpec {
  if (!isJsonObject(patch)) throw invalid([{ pointer: '', detail: 'must be a JSON object' }]);
  return check(patched(toJson(base), patch), context, []);
}

/** Lists whose items have a name for good. */
export const namedLists = ['nodePools', 'namespaces'] as const;

/**
 * A merge patch over a spec. RFC 7396 replaces lists whole, and so leaves open what an item has that the patch does not speak of: an item of a name that was there before keeps it, and only a new one takes the schema's default. Who changes
 * the bounds of a pool does not mean to give it other disks.
 */
function patched(current: Json, patch: Json): Json {
  const next = mergePatch(current, patch);
  if (!isJsonObject(current) || !isJsonObject(next)) return next;
  const lists = namedLists.flatMap((list) => {
    const [before, after] = [current[list], next[list]];
    return Array.isArray(before) && Array.isArray(after) ? [[list, after.map((item) => mergePatch(before.find((one) => isJsonObject(item) && isJsonObject(one) && one['name'] === item['name']), item))] as const] : [];
  });
  return { ...next, ...Object.fromEntries(lists) };
}

/** What changes immutable fields that are not so for good. */
const changesBy: Readonly<Record<string, string>> = {
  '/kubernetesVersion': 'changes by an upgrade only', '/access/grants': 'changes by POST and DELETE of the cluster\'s access-grants only',
};

/** Parses the merged document and runs all rules on its valid parts. `onlyGiven` holds back "is required" for what a template would have given. */
function check(document: Json, context: ResolveContext, faults: Fault[], onlyGiven?: Json): ClusterSpec {
  const { data, faults: refused = [] } = checkDocument(clusterSpecSchema, document);
  const schemaFaults = tellWhy(document, refused);
  const parts = data ?? validParts(clusterSpecSchema, document);
  const all = [
    ...faults,
    ...(onlyGiven === undefined ? schemaFaults : schemaFaults.filter((fault) => !saysMissing(fault))),
    ...crossFieldFaults(parts),
    ...contextFaults(parts, context),
  ];
  if (!data || all.length > 0) throw invalid(all);
  return data;
}

/** Rules that need the catalogue, the accounts or the service's settings. */
function contextFaults(spec: ValidParts, { catalogue, accounts, allowedTargets = publicTargetsOnly }: ResolveContext): Fault[] {
  const faults: Fault[] = webhookFaults(spec.webhooks ?? [], allowedTargets, '/webhooks');
  const template = spec.template ? catalogue.get(spec.template) : undefined;
  if (spec.controlPlane?.replicas === 1 && !template?.singleControlPlane) {
    faults.push({ pointer: '/controlPlane/replicas', detail: 'must be 3 or 5: a single control plane is only for templates that allow it' });
  }
  const account = spec.account === undefined ? undefined : accounts[spec.account];
  if (spec.account !== undefined && (!account || (spec.provider && !account[spec.provider]))) {
    faults.push({ pointer: '/account', detail: `"${spec.account}" is not an account${spec.provider ? ` for ${spec.provider}` : ''} in the accounts file` });
  }
  const elsewhere = account?.azure === undefined || spec.provider !== 'azure' ? [] : (spec.dns?.zones ?? []).flatMap((id, index) => {
    const zone = parseAzureZone(id);
    return zone && zone.subscriptionId.toLowerCase() !== account.azure?.subscriptionId.toLowerCase() ? [index] : [];
  });
  faults.push(...elsewhere.map((index) => ({ pointer: `/dns/zones/${index}`, detail: 'must lie in the subscription of the account' })));
  const key = spec.provider === 'azure' && spec.gitops?.sops ? parseAzureKey(spec.gitops.sops.key) : undefined;
  if (key && account?.azure && key.subscriptionId.toLowerCase() !== account.azure.subscriptionId.toLowerCase()) faults.push({ pointer: '/gitops/sops/key', detail: 'must lie in the subscription of the account' });
  const reach = spec.provider ? account?.[spec.provider]?.reach : undefined;
  if (reach?.type === 'peering' && spec.network && overlaps(reach.cidr, spec.network.cidr)) {
    faults.push({ pointer: '/network/cidr', detail: `overlaps with the worker's network ${reach.cidr}, which the cluster is peered with` });
  }
  return faults;
}

function invalid(faults: readonly Fault[]): ClusterwrightError {
  const unique = [...new Map(faults.map((fault) => [`${fault.pointer} ${fault.detail}`, fault])).values()];
  return faulty('invalid-spec', unique);
}

function at(spec: ClusterSpec, field: string): unknown {
  return field.split('/').slice(1).reduce<unknown>((value, key) => (isJsonObject(value) ? value[key] : undefined), spec);
}

function toJson(spec: ClusterSpec): Json {
  return JSON.parse(JSON.stringify(spec)) as Json;
}
