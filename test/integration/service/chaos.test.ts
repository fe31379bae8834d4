import { describe } from 'vitest';
import type { Round } from '../../chaos/plan.js';
import { rounds } from '../../chaos/suite.js';

/** The short form of `npm run chaos`: one life of a cluster, each of its jobs hit once by one of the heaviest strikes, in the midst of its work. */
const life: readonly Round[] = [
  { number: 0, job: 'create', phase: 'infrastructure', delayMs: 1_500, strike: { kind: 'engine' } },
  { number: 1, job: 'update', phase: 'infrastructure', delayMs: 1_000, strike: { kind: 'worker' } },
  { number: 2, job: 'repair', phase: 'infrastructure', delayMs: 1_000, strike: { kind: 'everything' } },
  { number: 3, job: 'delete', phase: 'preflight', delayMs: 0, strike: { kind: 'lose-answer', type: 'aws:ec2/natGateway:NatGateway', operation: 'delete' } },
];

describe('a job under fire', () => rounds(life));
