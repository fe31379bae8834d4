/** Regions with the letters of their zones that a new account sees. */
const zones: Readonly<Record<string, string>> = {
  'af-south-1': 'abc',
  'ap-northeast-1': 'acd',
  'ap-northeast-2': 'abcd',
  'ap-south-1': 'abc',
  'ap-southeast-1': 'abc',
  'ap-southeast-2': 'abc',
  'ca-central-1': 'abd',
  'eu-central-1': 'abc',
  'eu-central-2': 'abc',
  'eu-north-1': 'abc',
  'eu-south-1': 'abc',
  'eu-west-1': 'abc',
  'eu-west-2': 'abc',
  'eu-west-3': 'abc',
  'sa-east-1': 'abc',
  'us-east-1': 'abcdef',
  'us-east-2': 'abc',
  'us-west-1': 'ac',
  'us-west-2': 'abcd',
};

export interface Zone {
  /** `eu-west-1a` */
  readonly name: string;
  /** `euw1-az1` */
  readonly id: string;
}

export function isRegion(region: string): boolean {
  return region in zones;
}

/** The zones of a region; none for an unknown one. */
export function zonesOf(region: string): Zone[] {
  return [...(zones[region] ?? '')].map((letter, index) => ({ name: region + letter, id: `${shortName(region)}-az${index + 1}` }));
}

/** `eu-west-1` becomes `euw1`, `ap-southeast-2` becomes `apse2`, as in zone ids. */
function shortName(region: string): string {
  const [area = '', direction = '', index = ''] = region.split('-');
  const letters = direction.replace('north', 'n').replace('south', 's').replace('east', 'e').replace('west', 'w').replace('central', 'c');
  return area + letters + index;
}
