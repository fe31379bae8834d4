import { AwsError } from '../../errors.js';
import { text } from '../../../provider/properties.js';
import * as tokens from '../../types/tokens.js';
import { element } from '../wire.js';
import { numbered, tagSet, type Ec2Context } from './query.js';

/** DescribeRouteTables, by id: where the routes lead and which subnets they are for. */
export function describeRouteTables(form: URLSearchParams, { cloud: { inventory } }: Ec2Context): string {
  const tables = numbered(form, 'RouteTableId').map((id) => {
    const table = inventory.get(tokens.routeTable, id);
    if (table === undefined) throw new AwsError('InvalidRouteTableID.NotFound', `The routeTable ID '${id}' does not exist`);
    const routes = inventory.childrenOf(table, tokens.route).map(({ outputs }) => element('item', element('destinationCidrBlock', text(outputs, 'destinationCidrBlock')) + element('state', 'active'), 'elements'));
    const associations = inventory.childrenOf(table, tokens.routeTableAssociation).map((item) =>
      element('item', element('routeTableAssociationId', item.id) + element('routeTableId', id) + element('subnetId', text(item.outputs, 'subnetId')), 'elements'));
    const sets = element('routeSet', routes.join(''), 'elements') + element('associationSet', associations.join(''), 'elements');
    return element('item', element('routeTableId', id) + element('vpcId', text(table.outputs, 'vpcId')) + sets + tagSet(table), 'elements');
  });
  return element('routeTableSet', tables.join(''), 'elements');
}

/** GetSubnetCidrReservations, of IPv4. */
export function getSubnetCidrReservations(form: URLSearchParams, { cloud: { inventory } }: Ec2Context): string {
  const subnet = inventory.get(tokens.subnet, form.get('SubnetId') ?? '');
  if (subnet === undefined) throw new AwsError('InvalidSubnetID.NotFound', `The subnet ID '${form.get('SubnetId') ?? ''}' does not exist`);
  const shown = inventory.childrenOf(subnet, tokens.subnetCidrReservation).map((item) =>
    element('item', element('subnetCidrReservationId', item.id) + element('subnetId', subnet.id) + element('cidr', text(item.outputs, 'cidrBlock')) + element('reservationType', text(item.outputs, 'reservationType')), 'elements'));
  return element('subnetIpv4CidrReservationSet', shown.join(''), 'elements');
}
