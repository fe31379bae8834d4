import type { PhaseName } from '../../../model/phases.js';
import type { Phase } from '../context.js';
import { backup } from './backup.js';
import { compare } from './compare.js';
import { compareObjects } from './compare-objects.js';
import { controlPlane } from './control-plane.js';
import { controlPlaneRollout } from './control-plane-rollout.js';
import { drain } from './drain.js';
import { destroyInfrastructure } from './destroy-infrastructure.js';
import { drill } from './drill.js';
import { dropPlatform } from './drop-platform.js';
import { infrastructure } from './infrastructure.js';
import { nodes } from './nodes.js';
import { plan } from './plan.js';
import { platform } from './platform.js';
import { poolRollout } from './pool-rollout.js';
import { preflight } from './preflight.js';
import { putToSleep } from './put-to-sleep.js';
import { readiness } from './readiness.js';
import { refresh } from './refresh.js';
import { restore } from './restore.js';
import { restoreObjects } from './restore-objects.js';
import { rotate } from './rotate.js';
import { scan } from './scan.js';
import { verify } from './verify.js';
import { wakeUp } from './wake-up.js';

/** What each phase does. `phasesOf` in model/job.ts says which of them a job has, in order. */
export const phases: Readonly<Record<PhaseName, Phase>> = {
  preflight,
  plan,
  refresh,
  infrastructure,
  'control-plane': controlPlane,
  nodes,
  platform,
  verify,
  drain,
  'drop-platform': dropPlatform,
  'destroy-infrastructure': destroyInfrastructure,
  scan,
  backup,
  readiness,
  'control-plane-rollout': controlPlaneRollout,
  'pool-rollout': poolRollout,
  compare,
  drill,
  rotate,
  restore,
  'restore-objects': restoreObjects,
  'compare-objects': compareObjects,
  'put-to-sleep': putToSleep,
  'wake-up': wakeUp,
};
