import { atMostOne, length, oneOf, pattern, range, rule } from '../../provider/checks.js';
import { Cidr } from '../../provider/cidr.js';
import { AwsError } from '../errors.js';
import { flag, list, number, objects, text, texts } from '../../provider/properties.js';
import type { Request, ResourceType } from '../resource-type.js';
import { parentBy, referred, refers } from './references.js';
import * as tokens from './tokens.js';
import { randomBytes } from 'node:crypto';

const domain = /^(?=.{1,255}$)((\*|[a-zA-Z0-9_]([a-zA-Z0-9_-]{0,61}[a-zA-Z0-9_])?)\.)*[a-zA-Z0-9_-]{1,63}\.?$/;

/** Names without regard to case and to the dot at the end. */
function plain(name: string): string {
  return name.toLowerCase().replace(/\.$/, '');
}

export const zone: ResourceType = {
  token: tokens.zone,
  global: true,
  latency: { create: 35, update: 20, delete: 15 },
  replaces: ['name', 'delegationSetId'],
  defaults: { comment: 'Managed by Pulumi', forceDestroy: false },
  checks: [pattern('name', domain, 'be a domain name'), atMostOne('delegationSetId', 'vpcs'), length('comment', 0, 256)],
  references: [refers('vpcs[].vpcId', tokens.vpc)],
  admit(request) {
    if (text(request.inputs, 'name') === undefined) throw new AwsError('InvalidDomainName', 'The domain name is missing.');
    for (const vpc of objects(request.inputs, 'vpcs')) refuseSecondZone(request, text(vpc, 'vpcId') ?? '', text(request.inputs, 'name') ?? '', request.existing?.id);
  },
  id: () => `Z${randomBytes(10).toString('hex').toUpperCase().slice(0, 20)}`,
  computed: ({ inputs }, id) => {
    const servers = list(inputs, 'vpcs').length > 0 ? ['ns-0.awsdns-00.com.', 'ns-512.awsdns-00.net.', 'ns-1024.awsdns-00.org.', 'ns-1536.awsdns-00.co.uk.'] : ['ns-17.awsdns-02.com', 'ns-529.awsdns-02.net', 'ns-1041.awsdns-02.org', 'ns-1553.awsdns-02.co.uk'];
    return { arn: `arn:aws:route53:::hostedzone/${id}`, zoneId: id, nameServers: servers, primaryNameServer: servers[0] ?? '' };
  },
  blocker(item, cloud) {
    if (flag(item.outputs, 'forceDestroy')) return undefined;
    const [left] = cloud.inventory.childrenOf(item, tokens.record);
    return left === undefined ? undefined : new AwsError('HostedZoneNotEmpty', `The specified hosted zone contains non-required resource record sets and so cannot be deleted (${left.id}).`);
  },
  afterDelete(item, cloud) {
    for (const child of cloud.inventory.childrenOf(item)) cloud.inventory.delete(child);
  },
};

/** Two zones of one name cannot be associated with one network. */
function refuseSecondZone({ cloud }: Request, vpcId: string, name: string, own: string | undefined): void {
  const associated = (id: string): boolean => cloud.inventory.ofType(tokens.zoneAssociation).some((item) => text(item.outputs, 'zoneId') === id && text(item.outputs, 'vpcId') === vpcId);
  const twin = cloud.inventory
    .ofType(tokens.zone)
    .find((other) => other.id !== own && plain(text(other.outputs, 'name') ?? '') === plain(name) && (objects(other.outputs, 'vpcs').some((vpc) => text(vpc, 'vpcId') === vpcId) || associated(other.id)));
  if (twin !== undefined) throw new AwsError('ConflictingDomainExists', `The VPC ${vpcId} is already associated with another hosted zone of the name ${name} (${twin.id}).`);
}

export const zoneAssociation: ResourceType = {
  token: tokens.zoneAssociation,
  global: true,
  latency: { create: 30, update: 1, delete: 25 },
  replaces: ['vpcId', 'vpcRegion', 'zoneId'],
  references: [refers('zoneId', tokens.zone), refers('vpcId', tokens.vpc)],
  admit(request) {
    if (request.existing !== undefined) return;
    const item = referred(request, 'zoneId', tokens.zone);
    if (list(item.outputs, 'vpcs').length === 0) throw new AwsError('PublicZoneVPCAssociation', `You can't associate a VPC with the public hosted zone ${item.id}.`);
    refuseSecondZone(request, text(request.inputs, 'vpcId') ?? '', text(item.outputs, 'name') ?? '', item.id);
  },
  id: ({ inputs }) => `${text(inputs, 'zoneId') ?? ''}:${text(inputs, 'vpcId') ?? ''}`,
  computed: (request) => ({ owningAccount: '123456789012', vpcRegion: text(request.inputs, 'vpcRegion') ?? referred(request, 'vpcId', tokens.vpc).region ?? '' }),
  parent: parentBy('zoneId', tokens.zone),
};

const recordTypes = ['A', 'AAAA', 'CAA', 'CNAME', 'DS', 'HTTPS', 'MX', 'NAPTR', 'NS', 'PTR', 'SOA', 'SPF', 'SRV', 'SSHFP', 'SVCB', 'TLSA', 'TXT'];

export const record: ResourceType = {
  token: tokens.record,
  global: true,
  latency: { create: 30, update: 30, delete: 30 },
  replaces: ['zoneId', 'name', 'type', 'setIdentifier'],
  checks: [
    oneOf('type', recordTypes),
    range('ttl', 0, 2_147_483_647),
    pattern('name', domain, 'be a domain name'),
    length('aliases', 1, 1),
    rule(['records', 'aliases'], (inputs) => ((inputs['records'] === undefined) === (inputs['aliases'] === undefined) ? 'exactly one of records, aliases must be specified' : undefined)),
    rule(['ttl'], (inputs) => {
      if (inputs['aliases'] !== undefined) return inputs['ttl'] === undefined ? undefined : 'ttl conflicts with aliases';
      return inputs['ttl'] === undefined && inputs['records'] !== undefined ? 'ttl is required with records' : undefined;
    }),
    rule(['records'], (inputs) => {
      if (text(inputs, 'type') !== 'A') return undefined;
      const wrong = texts(inputs, 'records').find((value) => Cidr.parse(`${value}/32`) === undefined);
      return wrong === undefined ? undefined : `${wrong} is not an IPv4 address`;
    }),
  ],
  references: [refers('zoneId', tokens.zone)],
  admit(request) {
    const item = referred(request, 'zoneId', tokens.zone);
    const name = fullName(request);
    const zoneName = plain(text(item.outputs, 'name') ?? '');
    const twin = request.cloud.inventory
      .childrenOf(item, tokens.record)
      .find((other) => other.id !== request.existing?.id && plain(text(other.outputs, 'fqdn') ?? '') === name && text(other.outputs, 'type') === text(request.inputs, 'type') && text(other.outputs, 'setIdentifier') === text(request.inputs, 'setIdentifier'));
    if (twin !== undefined && !flag(request.inputs, 'allowOverwrite')) {
      throw new AwsError('InvalidChangeBatch', `[Tried to create resource record set [name='${name}.', type='${text(request.inputs, 'type') ?? ''}'] but it already exists]`);
    }
    if (text(request.inputs, 'type') === 'CNAME' && name === zoneName) throw new AwsError('InvalidChangeBatch', `[RRSet of type CNAME with DNS name ${name}. is not permitted at apex in zone ${zoneName}.]`);
  },
  id: recordId,
  again: (request) => (flag(request.inputs, 'allowOverwrite') ? request.cloud.inventory.get(tokens.record, recordId(request)) : undefined),
  computed: (request) => ({ fqdn: fullName(request), ...(number(request.inputs, 'ttl') === undefined ? {} : { ttl: number(request.inputs, 'ttl') ?? 0 }) }),
  parent: parentBy('zoneId', tokens.zone),
};

function recordId(request: Request): string {
  return [text(request.inputs, 'zoneId'), fullName(request), text(request.inputs, 'type'), text(request.inputs, 'setIdentifier')].filter((part) => part !== undefined).join('_');
}

/** A record's name may be given with or without its zone's. */
function fullName(request: Request): string {
  const zoneName = plain(text(referred(request, 'zoneId', tokens.zone).outputs, 'name') ?? '');
  const name = plain(text(request.inputs, 'name') ?? '');
  if (name === '') return zoneName;
  return name === zoneName || name.endsWith(`.${zoneName}`) ? name : `${name}.${zoneName}`;
}

