import type { Cloud } from '../cloud.js';
import { AwsError } from '../errors.js';
import { objects, text } from '../../provider/properties.js';
import * as tokens from '../types/tokens.js';
import { element, type WireRequest, type WireResponse } from './wire.js';

const hostedZone = /^\/2013-04-01\/hostedzone\/([^/]+)$/;

/** Whether a request is meant for Route 53, which speaks REST as S3 does. */
export function isRoute53({ url }: WireRequest): boolean {
  return url.pathname.startsWith('/2013-04-01/');
}

/** Route 53: GetHostedZone, with the networks that see a private zone. */
export function route53({ inventory }: Cloud, { method, url }: WireRequest): WireResponse {
  const id = method === 'GET' ? hostedZone.exec(url.pathname)?.[1] : undefined;
  if (id === undefined) throw new AwsError('InvalidInput', `the sandbox does not imitate ${method} ${url.pathname} of Route 53`);
  const zone = inventory.get(tokens.zone, id);
  if (zone === undefined) throw new AwsError('NoSuchHostedZone', `No hosted zone found with ID: ${id}`, 404);
  const networks = [...objects(zone.outputs, 'vpcs').map((vpc) => text(vpc, 'vpcId')), ...inventory.childrenOf(zone, tokens.zoneAssociation).map(({ outputs }) => text(outputs, 'vpcId'))];
  const shown = networks.map((vpc) => element('VPC', element('VPCRegion', zone.region ?? 'us-east-1') + element('VPCId', vpc), 'elements'));
  const described = element('Id', `/hostedzone/${id}`) + element('Name', text(zone.outputs, 'name')) + element('CallerReference', id) + element('Config', element('PrivateZone', shown.length > 0), 'elements');
  const body = element('HostedZone', described, 'elements') + element('VPCs', shown.join(''), 'elements');
  return { status: 200, headers: { 'content-type': 'text/xml' }, body: `<GetHostedZoneResponse xmlns="https://route53.amazonaws.com/doc/2013-04-01/">${body}</GetHostedZoneResponse>` };
}

/** Route 53's own form of an error. */
export function route53Error({ code, message, status }: AwsError): WireResponse {
  const error = element('Error', element('Type', 'Sender') + element('Code', code) + element('Message', message), 'elements');
  return { status, headers: { 'content-type': 'text/xml' }, body: `<ErrorResponse xmlns="https://route53.amazonaws.com/doc/2013-04-01/">${error}</ErrorResponse>` };
}
