import { canonicalAccount, imagesOf } from '../images.js';
import { publishedAt } from '../../ubuntu-images.js';
import { objects, text, texts } from '../../provider/properties.js';
import type { AwsFunction } from './aws-function.js';

/** Finds one of Canonical's images by owner and by the filters `name` and `architecture`; other filters are refused. */
export const getAmi: AwsFunction = (args, { region, cloud }) => {
  const owners = texts(args, 'owners');
  const unknownFilter = objects(args, 'filters').find((filter) => !['name', 'architecture', 'virtualization-type', 'root-device-type', 'state'].includes(text(filter, 'name') ?? ''));
  if (unknownFilter !== undefined) throw new Error(`the sandbox does not imitate the image filter ${text(unknownFilter, 'name') ?? ''}`);
  const names = filterValues(args, 'name').map(wildcard);
  const architectures = filterValues(args, 'architecture');
  const found = imagesOf(region, cloud.ubuntu.serials())
    .filter(() => owners.length === 0 || owners.includes(canonicalAccount))
    .filter((image) => names.length === 0 || names.some((name) => name.test(image.name)))
    .filter((image) => architectures.length === 0 || architectures.includes(image.architecture === 'amd64' ? 'x86_64' : 'arm64'))
    .filter((image) => new RegExp(text(args, 'nameRegex') ?? '').test(image.name));
  const [image, another] = found;
  if (image === undefined) throw new Error('Your query returned no results. Please change your search criteria and try again.');
  if (another !== undefined && args['mostRecent'] !== true) throw new Error('Your query returned more than one result. Please try a more specific search criteria, or set `mostRecent` attribute to true.');
  return {
    id: image.id,
    imageId: image.id,
    name: image.name,
    region,
    arn: `arn:aws:ec2:${region}::image/${image.id}`,
    architecture: image.architecture === 'amd64' ? 'x86_64' : 'arm64',
    ownerId: canonicalAccount,
    creationDate: publishedAt(image.serial),
    description: `Canonical, Ubuntu, ${image.release}`,
    rootDeviceName: '/dev/sda1',
    rootDeviceType: 'ebs',
    virtualizationType: 'hvm',
    hypervisor: 'xen',
    imageType: 'machine',
    imdsSupport: 'v2.0',
    enaSupport: true,
    public: true,
    state: 'available',
    tags: {},
    blockDeviceMappings: [],
    productCodes: [],
  };
};

function filterValues(args: Parameters<AwsFunction>[0], name: string): string[] {
  return objects(args, 'filters')
    .filter((filter) => text(filter, 'name') === name)
    .flatMap((filter) => texts(filter, 'values'));
}

function wildcard(form: string): RegExp {
  return new RegExp(`^${form.replace(/[.+^${}()|[\]\\]/g, '\\$&').replaceAll('*', '.*').replaceAll('?', '.')}$`);
}
