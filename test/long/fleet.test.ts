import { describe } from 'vitest';
import { fleet } from '../integration/service/fleet.js';

describe('twenty clusters at once', () => fleet(20));
