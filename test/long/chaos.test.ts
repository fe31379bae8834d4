import { describe } from 'vitest';
import { roundOf } from '../chaos/plan.js';
import { rounds } from '../chaos/suite.js';
import { resourceTypes } from '../chaos/types.js';

/** Twelve lives of a cluster: each kind of job meets most kinds of strikes. `npm run chaos` goes on from here for as long as one likes. */
const seed = 42;
const types = await resourceTypes();

describe('jobs under fire at length', () => rounds(Array.from({ length: 48 }, (_, number) => roundOf(seed, number, types))));
