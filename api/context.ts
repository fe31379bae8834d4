import type { Tenancy } from '../model/tenancy.js';
import type { SignIn } from './auth/sign-in.js';
import type { ApiDependencies, AuditLog, Limits } from './dependencies.js';
import type { Metrics } from './metrics/metrics.js';

/** What every handler gets. */
export interface Context extends ApiDependencies {
  readonly limits: Limits;
  readonly signIn: SignIn;
  readonly tenancy: Tenancy;
  readonly audit: AuditLog;
  readonly trustedProxies: readonly string[];
  readonly metrics: Metrics;
  /** Aborted when the server stops: streams end politely. */
  readonly stopping: AbortSignal;
}
