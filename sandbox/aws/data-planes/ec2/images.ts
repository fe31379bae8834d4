import { publishedAt } from '../../../ubuntu-images.js';
import { AwsError } from '../../errors.js';
import { imagesOf } from '../../images.js';
import { element } from '../wire.js';
import { filtersOf, type Ec2Context } from './query.js';

/** DescribeImages, of Canonical's images that a filter names: one that there is not is left out. https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_DescribeImages.html */
export function describeImages(form: URLSearchParams, { cloud, region }: Ec2Context): string {
  const filters = filtersOf(form);
  const [filter] = filters;
  if (filters.length !== 1 || filter?.name !== 'image-id') throw new AwsError('InvalidParameterValue', 'the sandbox imitates images by the ids that a filter names');
  const items = imagesOf(region, cloud.ubuntu.serials()).filter(({ id }) => filter.values.includes(id))
    .map(({ id, name, serial }) => element('item', element('imageId', id) + element('name', name) + element('creationDate', publishedAt(serial)) + element('imageState', 'available'), 'elements'));
  return element('imagesSet', items.join(''), 'elements');
}
