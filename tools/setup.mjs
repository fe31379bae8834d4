/** `npm run setup`: everything a fresh clone needs, step by step; under a second when all is there. With `-- --nodes real` what real sandbox nodes are made of, too. */
import { allSteps, exitWith, realNodeSteps, setUp, wantsRealNodes } from './setup/steps.mjs';

const steps = wantsRealNodes(process.argv.slice(2)) ? [...allSteps, ...realNodeSteps] : allSteps;
await setUp(steps, { stream: process.stdout, quiet: false }).catch(exitWith);
