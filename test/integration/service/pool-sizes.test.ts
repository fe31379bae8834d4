import { describe } from 'vitest';
import { poolSizes } from './pool-sizes.js';

describe('a pool on aws', () => poolSizes('aws'));
