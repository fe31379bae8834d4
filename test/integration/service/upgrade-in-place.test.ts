import { describe } from 'vitest';
import { upgradeInPlace } from './upgrade-in-place.js';

// On Azure: test/long.
describe('an upgrade in place on aws', () => upgradeInPlace('aws'));
