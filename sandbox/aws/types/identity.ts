import { arn } from '../cloud.js';
import { json, length, oneOf, pattern, range } from '../../provider/checks.js';
import { AwsError } from '../errors.js';
import { hex, iamId } from '../ids.js';
import { flag, list, text, texts } from '../../provider/properties.js';
import type { Request, ResourceType } from '../resource-type.js';
import { lookUp } from '../cloud.js';
import { parentBy, refers, usersOf } from './references.js';
import * as tokens from './tokens.js';

const namePattern = /^[\w+=,.@-]+$/;
const nameMeaning = 'contain only letters, digits and +=,.@_-';
const managedPolicy = /^arn:aws:iam::aws:policy\/[\w+=,.@/-]+$/;

/** IAM's names are unique in the account, without regard to case. */
function refuseTwin({ inputs, cloud, existing }: Request, type: string, words: string): void {
  const name = text(inputs, 'name')?.toLowerCase();
  const twin = cloud.inventory.ofType(type).find((other) => other.id !== existing?.id && text(other.outputs, 'name')?.toLowerCase() === name);
  if (twin !== undefined) throw new AwsError('EntityAlreadyExists', `${words} ${text(inputs, 'name') ?? ''} already exists.`, 409);
}

export const role: ResourceType = {
  token: tokens.role,
  global: true,
  latency: { create: 2, update: 1, delete: 1 },
  replaces: ['name', 'namePrefix', 'path'],
  autoname: { property: 'name', longest: 64 },
  defaults: { path: '/', maxSessionDuration: 3600, forceDetachPolicies: false, description: '' },
  checks: [
    length('name', 1, 64),
    pattern('name', namePattern, nameMeaning),
    pattern('path', /^\/([\w+=,.@-]+\/)*$/, 'begin and end with /'),
    length('description', 0, 1000),
    json('assumeRolePolicy', 2048),
    range('maxSessionDuration', 3600, 43_200),
  ],
  admit: (request) => refuseTwin(request, tokens.role, 'Role with name'),
  id: ({ inputs }) => text(inputs, 'name') ?? '',
  computed: ({ inputs, cloud }, id) => ({ arn: arn('iam', '', `role${text(inputs, 'path') ?? '/'}${id}`), createDate: cloud.clock.timestamp(), uniqueId: iamId('AROA'), managedPolicyArns: inputs['managedPolicyArns'] ?? [] }),
  blocker(item, cloud) {
    if (usersOf(item, cloud, tokens.instanceProfile, 'role').length > 0) return new AwsError('DeleteConflict', 'Cannot delete entity, must remove roles from instance profile first.', 409);
    if (flag(item.outputs, 'forceDetachPolicies')) return undefined;
    if (usersOf(item, cloud, tokens.rolePolicyAttachment, 'role').length > 0) return new AwsError('DeleteConflict', 'Cannot delete entity, must detach all policies first.', 409);
    return usersOf(item, cloud, tokens.rolePolicy, 'role').length > 0 ? new AwsError('DeleteConflict', 'Cannot delete entity, must delete policies first.', 409) : undefined;
  },
  afterDelete(item, cloud) {
    for (const child of cloud.inventory.childrenOf(item)) cloud.inventory.delete(child);
  },
};

function rolePolicyId({ inputs }: Request): string {
  return `${text(inputs, 'role') ?? ''}:${text(inputs, 'name') ?? ''}`;
}

export const rolePolicy: ResourceType = {
  token: tokens.rolePolicy,
  global: true,
  latency: { create: 1, update: 1, delete: 1 },
  replaces: ['name', 'namePrefix', 'role'],
  autoname: { property: 'name', longest: 128 },
  checks: [length('name', 1, 128), pattern('name', namePattern, nameMeaning), json('policy', 10_240)],
  references: [refers('role', tokens.role)],
  id: rolePolicyId,
  // PutRolePolicy writes over what is there.
  again: (request) => request.cloud.inventory.get(tokens.rolePolicy, rolePolicyId(request)),
  parent: parentBy('role', tokens.role),
};

export const policy: ResourceType = {
  token: tokens.policy,
  global: true,
  latency: { create: 1, update: 1, delete: 1 },
  replaces: ['description', 'name', 'namePrefix', 'path'],
  autoname: { property: 'name', longest: 128 },
  defaults: { path: '/' },
  checks: [length('name', 1, 128), pattern('name', namePattern, nameMeaning), json('policy', 6144), length('description', 0, 1000)],
  admit: (request) => refuseTwin(request, tokens.policy, 'A policy called'),
  id: ({ inputs }) => arn('iam', '', `policy${text(inputs, 'path') ?? '/'}${text(inputs, 'name') ?? ''}`),
  computed: (_request, id) => ({ arn: id, policyId: iamId('ANPA'), attachmentCount: 0 }),
  blocker: (item, cloud) =>
    usersOf(item, cloud, tokens.rolePolicyAttachment, 'policyArn').length > 0 ? new AwsError('DeleteConflict', 'Cannot delete a policy attached to entities.', 409) : undefined,
};

export const rolePolicyAttachment: ResourceType = {
  token: tokens.rolePolicyAttachment,
  global: true,
  latency: { create: 1, update: 1, delete: 1 },
  replaces: ['policyArn', 'role'],
  checks: [pattern('policyArn', /^arn:/, 'be an ARN')],
  references: [refers('role', tokens.role)],
  admit({ inputs, cloud }) {
    const policyArn = text(inputs, 'policyArn') ?? '';
    if (!managedPolicy.test(policyArn) && lookUp(cloud, tokens.policy, policyArn) === undefined) throw new AwsError('NoSuchEntity', `Policy ${policyArn} does not exist or is not attachable.`, 404);
    const attached = cloud.inventory.ofType(tokens.rolePolicyAttachment).filter((other) => text(other.outputs, 'role') === text(inputs, 'role'));
    if (attached.length >= 20) throw new AwsError('LimitExceeded', 'Cannot exceed quota for PoliciesPerRole: 20', 409);
  },
  id: ({ inputs }) => `${text(inputs, 'role') ?? ''}/${text(inputs, 'policyArn') ?? ''}`,
  parent: parentBy('role', tokens.role),
};

export const instanceProfile: ResourceType = {
  token: tokens.instanceProfile,
  global: true,
  latency: { create: 7, update: 3, delete: 1 },
  replaces: ['name', 'namePrefix', 'path'],
  autoname: { property: 'name', longest: 128 },
  defaults: { path: '/' },
  checks: [length('name', 1, 128), pattern('name', namePattern, nameMeaning)],
  references: [refers('role', tokens.role)],
  admit: (request) => refuseTwin(request, tokens.instanceProfile, 'Instance Profile'),
  id: ({ inputs }) => text(inputs, 'name') ?? '',
  computed: ({ inputs, cloud }, id) => ({ arn: arn('iam', '', `instance-profile${text(inputs, 'path') ?? '/'}${id}`), createDate: cloud.clock.timestamp(), uniqueId: iamId('AIPA') }),
  blocker(item, cloud) {
    const [user] = usersOf(item, cloud, tokens.instance, 'iamInstanceProfile');
    return user === undefined ? undefined : new AwsError('DeleteConflict', `Cannot delete instance profile ${item.id} while ${user.id} runs with it.`, 409);
  },
};

export const openIdConnectProvider: ResourceType = {
  token: tokens.openIdConnectProvider,
  global: true,
  latency: { create: 1, update: 1, delete: 1 },
  replaces: ['url'],
  checks: [pattern('url', /^(https:\/\/)?[\w.-]+(\/[\w./-]*)?$/, 'be an https URL without query'), length('clientIdLists', 1, 100), length('clientIdLists[]', 1, 255), pattern('thumbprintLists[]', /^[0-9a-fA-F]{40}$/, 'be a SHA-1 thumbprint of 40 hexadecimal digits')],
  admit({ inputs, cloud, existing }) {
    const id = providerArn(inputs['url']);
    if (existing === undefined && cloud.inventory.get(tokens.openIdConnectProvider, id) !== undefined) throw new AwsError('EntityAlreadyExists', `Provider with url ${text(inputs, 'url') ?? ''} already exists.`, 409);
  },
  id: ({ inputs }) => providerArn(inputs['url']),
  computed: ({ inputs }, id) => ({ arn: id, thumbprintLists: list(inputs, 'thumbprintLists').length > 0 ? texts(inputs, 'thumbprintLists') : [hex(40)] }),
};

function providerArn(url: unknown): string {
  return arn('iam', '', `oidc-provider/${String(url).replace(/^https:\/\//, '')}`);
}

export const key: ResourceType = {
  token: tokens.key,
  latency: { create: 8, update: 2, delete: 3 },
  replaces: ['customKeyStoreId', 'customerMasterKeySpec', 'keyUsage', 'multiRegion', 'xksKeyId', 'region'],
  defaults: { customerMasterKeySpec: 'SYMMETRIC_DEFAULT', keyUsage: 'ENCRYPT_DECRYPT', enableKeyRotation: false, isEnabled: true, multiRegion: false, bypassPolicyLockoutSafetyCheck: false },
  checks: [range('deletionWindowInDays', 7, 30), range('rotationPeriodInDays', 90, 2560), length('description', 0, 8192), json('policy', 32_768), oneOf('keyUsage', ['ENCRYPT_DECRYPT', 'SIGN_VERIFY', 'GENERATE_VERIFY_MAC', 'KEY_AGREEMENT'])],
  id: () => `${hex(8)}-${hex(4)}-${hex(4)}-${hex(4)}-${hex(12)}`,
  computed: ({ region, inputs }, id) => ({ arn: arn('kms', region, `key/${id}`), keyId: id, policy: inputs['policy'] ?? '{"Version":"2012-10-17","Statement":[{"Sid":"Enable IAM User Permissions","Effect":"Allow","Principal":{"AWS":"arn:aws:iam::123456789012:root"},"Action":"kms:*","Resource":"*"}]}' }),
  // KMS never deletes at once: the key waits, 30 days unless told otherwise, and can be restored until then.
  afterDelete(item, cloud) {
    const days = Number(item.outputs['deletionWindowInDays'] ?? 30);
    cloud.inventory.keep({ id: item.id, type: item.type, cluster: item.cluster, reason: 'pending-deletion', until: cloud.clock.now() + days * 86_400_000 });
  },
};

export const alias: ResourceType = {
  token: tokens.alias,
  latency: { create: 1, update: 1, delete: 1 },
  replaces: ['name', 'namePrefix', 'region'],
  autoname: { property: 'name', longest: 250 },
  checks: [pattern('name', /^alias\/(?!aws\/)[a-zA-Z0-9/_-]{1,250}$/, 'begin with alias/ (not alias/aws/) and contain only letters, digits and /_-')],
  references: [refers('targetKeyId', tokens.key)],
  admit({ inputs, cloud, region, existing }) {
    const twin = cloud.inventory.ofType(tokens.alias).find((other) => other.region === region && text(other.outputs, 'name') === text(inputs, 'name') && other.id !== existing?.id);
    if (twin !== undefined) throw new AwsError('AlreadyExistsException', `An alias with the name ${text(inputs, 'name') ?? ''} already exists`);
  },
  id: ({ inputs }) => text(inputs, 'name') ?? '',
  computed: ({ region, inputs, cloud }, id) => ({ arn: arn('kms', region, id), targetKeyArn: text(lookUp(cloud, tokens.key, text(inputs, 'targetKeyId') ?? '')?.outputs ?? {}, 'arn') ?? '' }),
  parent: parentBy('targetKeyId', tokens.key),
};
