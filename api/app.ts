import { setMaxListeners } from 'node:events';
import express, { type Application } from 'express';
import helmet from 'helmet';
import { noTenancy } from '../model/tenancy.js';
import { identify } from './auth/caller.js';
import { openSignIn } from './auth/sign-in.js';
import type { Context } from './context.js';
import { defaultLimits, type ApiDependencies } from './dependencies.js';
import { limitWrites } from './http/rate-limit.js';
import { answerProblems } from './http/problem-answer.js';
import { logRequests } from './http/request-log.js';
import { traceRequests } from './http/trace.js';
import { mount, nothingHere } from './http/mount.js';
import { createMetrics } from './metrics/metrics.js';
import { timeRequests } from './metrics/request-time.js';
import { operations } from './routes/index.js';

/** Event that `serve` emits on the application when it stops: open streams end. */
export const stoppingEvent = 'stopping';

/** An API answers data, never pages: nothing may be loaded or framed. The docs have a policy of their own. */
const securityHeaders = helmet({
  contentSecurityPolicy: { useDefaults: false, directives: { defaultSrc: ["'none'"], frameAncestors: ["'none'"] } },
  referrerPolicy: { policy: 'no-referrer' },
});

/** The HTTP side of the service as an Express application; it holds no connection and no timer of its own. */
export function createApi(dependencies: ApiDependencies): Application {
  const stopping = new AbortController();
  // Every open stream listens.
  setMaxListeners(0, stopping.signal);
  const context: Context = {
    ...dependencies,
    limits: { ...defaultLimits, ...dependencies.limits },
    signIn: dependencies.signIn ?? openSignIn,
    tenancy: dependencies.tenancy ?? noTenancy,
    audit: dependencies.audit ?? { write: () => undefined, keepDays: 400 },
    trustedProxies: dependencies.trustedProxies ?? [],
    metrics: createMetrics(dependencies),
    stopping: stopping.signal,
  };
  const app = express();
  app.disable('x-powered-by');
  // One address a resource; ETags are ours; queries are parsed strictly by each operation.
  app.enable('strict routing').enable('case sensitive routing').disable('etag').set('query parser', false);
  app.once(stoppingEvent, () => stopping.abort());

  // Exact: of anybody else's X-Forwarded-For nothing is believed.
  app.set('trust proxy', [...context.trustedProxies]);

  app.use(traceRequests, logRequests(context.log), timeRequests(context.metrics), securityHeaders, identify(context.signIn));
  mount(app, operations, context, limitWrites(context.limits.writesPerMinute));
  app.use(nothingHere, answerProblems(context));
  return app;
}
