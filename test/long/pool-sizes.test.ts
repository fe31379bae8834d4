import { describe } from 'vitest';
import { poolSizes } from '../integration/service/pool-sizes.js';

describe('a pool on azure', () => poolSizes('azure'));
