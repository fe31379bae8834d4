import { text, texts } from '../../provider/properties.js';
import { zonesOf } from '../regions.js';
import type { AwsFunction } from './aws-function.js';

/** Zones of the region; all of them are available and need no opt-in. */
export const getAvailabilityZones: AwsFunction = (args, { region }) => {
  const wanted = ['available', undefined].includes(text(args, 'state'));
  const zones = zonesOf(region)
    .filter(() => wanted)
    .filter(({ name, id }) => !texts(args, 'excludeNames').includes(name) && !texts(args, 'excludeZoneIds').includes(id));
  return { id: region, region, groupNames: [region], names: zones.map(({ name }) => name), zoneIds: zones.map(({ id }) => id) };
};
