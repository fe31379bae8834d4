import { awsMachineType, awsZones } from '../../../../model/clouds/aws.js';
import { AwsError } from '../../errors.js';
import { element } from '../wire.js';
import { filtersOf, type Ec2Context } from './query.js';

/** What types of the catalogue there are: all of them in every zone. https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_DescribeInstanceTypeOfferings.html */
export function describeInstanceTypeOfferings(form: URLSearchParams, { region }: Ec2Context): string {
  const filters = filtersOf(form);
  const [filter] = filters;
  if (form.get('LocationType') !== 'availability-zone' || filters.length !== 1 || filter?.name !== 'instance-type') throw new AwsError('InvalidParameterValue', 'the sandbox imitates offerings by zone, of types that a filter names');
  const offered = filter.values.filter((type) => awsMachineType(type) !== undefined).flatMap((type) => awsZones(region).map((zone) => ({ type, zone })));
  const items = offered.map(({ type, zone }) => element('item', element('instanceType', type) + element('location', zone) + element('locationType', 'availability-zone'), 'elements'));
  return element('instanceTypeOfferingSet', items.join(''), 'elements');
}
