import { accountId } from '../cloud.js';
import { cidr, oneOf } from '../../provider/checks.js';
import { Cidr } from '../../provider/cidr.js';
import { AwsError } from '../errors.js';
import { ec2Id } from '../ids.js';
import { text } from '../../provider/properties.js';
import type { ResourceType } from '../resource-type.js';
import { parentBy, referred, refers } from './references.js';
import * as tokens from './tokens.js';

/** Part of a subnet whose addresses are only given to who asks for them: https://docs.aws.amazon.com/vpc/latest/userguide/subnet-cidr-reservation.html */
export const subnetCidrReservation: ResourceType = {
  token: tokens.subnetCidrReservation,
  latency: { create: 1, update: 1, delete: 1 },
  replaces: ['cidrBlock', 'description', 'reservationType', 'subnetId', 'region'],
  checks: [cidr('cidrBlock', 16, 32), oneOf('reservationType', ['explicit', 'prefix'])],
  references: [refers('subnetId', tokens.subnet)],
  admit(request) {
    const subnet = referred(request, 'subnetId', tokens.subnet);
    const wanted = Cidr.parse(text(request.inputs, 'cidrBlock') ?? '');
    const around = Cidr.parse(text(subnet.outputs, 'cidrBlock') ?? '');
    if (wanted === undefined || around?.contains(wanted) !== true) {
      throw new AwsError('InvalidSubnetCidrReservation.NotWithinSubnetCidr', `The CIDR reservation must lie in the subnet's ${around?.text ?? subnet.id}.`);
    }
    const other = request.cloud.inventory
      .childrenOf(subnet, tokens.subnetCidrReservation)
      .find((reservation) => Cidr.parse(text(reservation.outputs, 'cidrBlock') ?? '')?.overlaps(wanted));
    if (other !== undefined) throw new AwsError('InvalidSubnetCidrReservation.Conflict', `The CIDR '${wanted.text}' conflicts with another reservation (${other.id}).`);
  },
  id: () => ec2Id('scr'),
  // "SUBNETID:RESERVATIONID"
  imported: (id, cloud) => cloud.inventory.ofType(tokens.subnetCidrReservation).find((item) => `${text(item.outputs, 'subnetId') ?? ''}:${item.id}` === id),
  computed: () => ({ ownerId: accountId }),
  parent: parentBy('subnetId', tokens.subnet),
};
