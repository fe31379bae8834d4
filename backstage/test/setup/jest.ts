import { vi } from 'vitest';

// Backstage's test kits are written for Jest, whose `jest.fn` vitest has under another name.
Object.assign(globalThis, { jest: vi });
