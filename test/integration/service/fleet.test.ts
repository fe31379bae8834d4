import { describe } from 'vitest';
import { fleet } from './fleet.js';

describe('eight clusters at once', () => fleet(8));
