import { expect, it } from 'vitest';
import { rotations } from '../../../console/cluster/rotations.js';
import { rotationRequestSchema, rotations as known } from '../../../model/job-request.js';

it('offers every rotation that the service has, with the phases that it takes', () => {
  expect(Object.keys(rotations)).toEqual([...known]);
  for (const [what, { jobs }] of Object.entries(rotations)) for (const { phase } of jobs) expect(rotationRequestSchema.safeParse({ what, ...(phase === undefined ? {} : { phase }) }).error).toBeUndefined();
});
