import { expect, it } from 'vitest';
import { titles } from '../../../console/job/titles.js';
import { phases } from '../../../model/phases.js';

it('calls phases what their events call them', () => {
  expect(titles).toEqual(phases);
});
