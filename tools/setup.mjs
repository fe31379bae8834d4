/** `npm run setup`: everything a fresh clone needs, step by step; under a second when all is there. */
import { allSteps, exitWith, setUp } from './setup/steps.mjs';

await setUp(allSteps, { stream: process.stdout, quiet: false }).catch(exitWith);
