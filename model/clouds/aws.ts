/** What AWS offers, as far as a spec is checked against it before anything is asked of the cloud. */

/** Regions and the three zones of each that clusters spread over. `zones` are the letters behind the region's name. */
export const awsRegions: Readonly<Record<string, readonly string[]>> = {
  'us-east-1': ['a', 'b', 'c'], 'us-east-2': ['a', 'b', 'c'], 'us-west-2': ['a', 'b', 'c'],
  'ca-central-1': ['a', 'b', 'd'], 'sa-east-1': ['a', 'b', 'c'],
  'eu-west-1': ['a', 'b', 'c'], 'eu-west-2': ['a', 'b', 'c'], 'eu-west-3': ['a', 'b', 'c'],
  'eu-central-1': ['a', 'b', 'c'], 'eu-central-2': ['a', 'b', 'c'], 'eu-north-1': ['a', 'b', 'c'], 'eu-south-1': ['a', 'b', 'c'],
  'ap-south-1': ['a', 'b', 'c'], 'ap-southeast-1': ['a', 'b', 'c'], 'ap-southeast-2': ['a', 'b', 'c'],
  'ap-northeast-1': ['a', 'c', 'd'], 'ap-northeast-2': ['a', 'b', 'c'],
};

/** Public parameter of Systems Manager in which Canonical has the id of the current image of Ubuntu 24.04: https://documentation.ubuntu.com/aws/aws-how-to/instances/find-ubuntu-images/ */
export const awsImageParameter = '/aws/service/canonical/ubuntu/server/24.04/stable/current/amd64/hvm/ebs-gp3/ami-id';

/** The form of EC2 instance types: family, generation, attributes, size. */
export const awsMachineTypePattern = /^[a-z]{1,3}[0-9]{1,2}[a-z-]*\.(nano|micro|small|medium|large|x?large|[0-9]{1,2}xlarge|metal(-[0-9]{2}xl)?)$/;

const sizes: Readonly<Record<string, number>> = { medium: 1, large: 2, xlarge: 4, '2xlarge': 8, '4xlarge': 16, '8xlarge': 32, '12xlarge': 48, '16xlarge': 64 };

/** Families that are known to work as nodes: x86-64, Nitro (EBS as NVMe, IMDSv2), with GiB of memory per vCPU. Burstable ones are for development. */
const families: Readonly<Record<string, number>> = {
  t3: 4, t3a: 4, m5: 4, m5a: 4, m6i: 4, m6a: 4, m7i: 4, 'm7i-flex': 4, m7a: 4, c5: 2, c6i: 2, c6a: 2, c7i: 2, c7a: 2, r5: 8, r6i: 8, r6a: 8, r7i: 8, r7a: 8,
};

/** vCPUs and memory of a machine type, or undefined where the catalogue does not have it. */
export function awsMachineType(name: string): { vcpus: number; memoryGiB: number } | undefined {
  const [family = '', size = ''] = name.split('.');
  const burstable = family.startsWith('t3');
  const ratio = families[family];
  const vcpus = burstable && (size === 'medium' || size === 'large') ? 2 : sizes[size];
  if (ratio === undefined || vcpus === undefined) return undefined;
  return { vcpus, memoryGiB: burstable && size === 'medium' ? 4 : vcpus * ratio };
}

/** The zones of a region, by full name, e.g. `eu-west-1a`. */
export function awsZones(region: string): string[] {
  return (awsRegions[region] ?? []).map((letter) => region + letter);
}
