/** How an error of the registry behaves: what HTTP makes of it and what the caller can do next. */
export interface ErrorEntry {
  /** Short and stable, shown to people. */
  readonly title: string;
  /** HTTP status when it answers a request; errors of jobs carry the status they would have as an answer. */
  readonly status: number;
  /** What to do next, in one sentence. */
  readonly hint: string;
  /** Whether the same call or job may succeed later without a change. */
  readonly retryable: boolean;
}

const entry = (status: number, title: string, retryable: boolean, hint: string): ErrorEntry => ({ status, title, retryable, hint });

/**
 * All errors that the service can report, in one place: the problem types of the API, the error codes of jobs and the list in
 * the docs come out of it. Compare errors by code, never by class.
 */
export const errorRegistry = {
  // Requests
  'malformed-json': entry(400, 'The body is not valid JSON', false, 'Send one JSON document, encoded in UTF-8.'),
  'invalid-parameter': entry(400, 'A query parameter or header is not valid', false, 'Correct the parameters that are named.'),
  'unsupported-media-type': entry(415, 'The media type is not supported', false, 'Send the content type that the detail names.'),
  'body-too-large': entry(413, 'The body is too large', false, 'Send less than the limit that the detail names.'),
  'unauthenticated': entry(401, 'The caller has not signed in', false, 'Send "Authorization: Bearer TOKEN" with an access token of Microsoft Entra ID for this service.'),
  'forbidden': entry(403, 'The caller may not do this', false, 'Ask whoever runs the service for a role over this owner\'s clusters.'),
  'group-overage': entry(403, 'The token does not list the caller\'s groups', false,
    'Who is in more than 200 groups gets none of them in a token: have the application\'s groups claim list only "Groups assigned to the application", or be assigned one of its roles.'),
  'owner-quota-exceeded': entry(422, 'The owner\'s quota does not allow this', false, 'Ask for less, delete what is not needed, or have whoever runs the service raise the quota.'),
  'invalid-spec': entry(422, 'The cluster spec is not valid', false, 'Correct every fault in "errors" and send the request again.'),
  'invalid-body': entry(422, 'The body is not valid', false, 'Correct every fault in "errors" and send the request again.'),
  'immutable-field': entry(422, 'A field that cannot change was changed', false, 'Leave these fields as they are, or create a new cluster.'),
  'data-would-be-lost': entry(422, 'The change would lose data', false, 'Save what is needed, then send the change again with ?allowDataLoss=true.'),
  'idempotency-key-reused': entry(422, 'The idempotency key was used with another request', false, 'Use a new key for a new request.'),
  'not-found': entry(404, 'There is nothing at this address', false, 'Check the path; GET /docs shows all of them.'),
  'cluster-not-found': entry(404, 'There is no cluster of this name', false, 'GET /clusters lists those that exist.'),
  'job-not-found': entry(404, 'There is no job with this id', false, 'GET /jobs lists the jobs that are kept.'),
  'grant-not-found': entry(404, 'There is no such grant', false, 'GET /clusters/NAME/access-grants lists those that there are; one whose time has passed goes by itself.'),
  'delivery-not-found': entry(404, 'There is no such delivery of a webhook', false, 'GET /clusters/NAME/webhook-deliveries lists those that are kept.'),
  'template-not-found': entry(404, 'There is no template of this name', false, 'GET /templates lists the catalogue.'),
  'kubeconfig-not-ready': entry(409, 'The cluster has no API server yet', true, 'Wait until its job has passed the phase "control-plane".'),
  'method-not-allowed': entry(405, 'The method is not allowed here', false, 'Use one of the methods in the "Allow" header.'),
  'cluster-exists': entry(409, 'A cluster of this name exists', false, 'Choose another name, or change the existing cluster with PATCH.'),
  'operation-in-progress': entry(409, 'The cluster has an unfinished job', true, 'Wait for the job that is linked, then send the request again.'),
  'cluster-not-ready': entry(409, 'The cluster has no control plane yet', true, 'Wait until its job has passed the phase "control-plane"; where that failed, repair the cluster.'),
  'cluster-incomplete': entry(409, 'The last change of the cluster did not come to its end', true, 'Try that change again or repair the cluster, then send the request again.'),
  'cluster-hibernated': entry(409, 'The machines of the cluster are switched off', true, 'Wake it with POST /clusters/NAME/wake, then send the request again.'),
  'rotation-not-begun': entry(409, 'There is no such rotation to finish', false, 'Begin it with the phase "begin", and finish it when that job has succeeded; one of "ca", when everybody has fetched a new kubeconfig.'),
  'outside-maintenance-window': entry(409, 'No maintenance window of the cluster is open', true, 'Send the request with ?when=window to have it wait for the window, or with ?urgent=true to have it done now.'),
  'cluster-protected': entry(409, 'The cluster is protected from deletion', false, 'Send PATCH {"protect": false} first.'),
  'job-finished': entry(409, 'The job has ended already', false, 'There is nothing left to cancel.'),
  'job-not-retryable': entry(409, 'The job cannot be tried again', false, 'Only the last job of a cluster can be, and only when it has failed or was cancelled; otherwise change or repair the cluster.'),
  'precondition-failed': entry(412, 'The cluster has changed since it was read', false, 'Read it again and send its new ETag in If-Match.'),
  'rate-limited': entry(429, 'Too many requests', true, 'Wait for the time in Retry-After.'),
  'identity-unavailable': entry(503, 'Microsoft Entra ID cannot be reached', true, 'Tokens cannot be checked until its keys can be read. Nothing was changed.'),
  'store-unavailable': entry(503, 'The store cannot be reached', true, 'Nothing was changed. Try again when Redis is back.'),
  'internal-error': entry(500, 'Something went wrong inside the service', true, 'Give the request id to the operators of the service.'),

  // Start of a process
  'settings-invalid': entry(500, 'The settings are not valid', false, 'Correct the environment variables that are named.'),
  'accounts-invalid': entry(500, 'The accounts file is not valid', false, 'Correct the accounts file at the places that are named.'),
  'tenancy-invalid': entry(500, 'The tenancy file is not valid', false, 'Correct the tenancy file at the places that are named.'),
  'home-in-use': entry(500, 'Another service uses this home', false, 'Stop it, or set CLUSTERWRIGHT_HOME to another folder.'),
  'prerequisite-missing': entry(500, 'Something the service needs is missing', false, 'Run "npm run setup".'),
  'redis-not-durable': entry(500, 'Redis could lose or evict records', false,
    'Turn on the append-only file and set maxmemory-policy to noeviction; where a managed Redis hides its settings, set CLUSTERWRIGHT_REDIS_DURABLE=asserted.'),
  'installation-mismatch': entry(500, 'This is not the backend or Redis of this installation', false,
    'Point the process at the backend, Redis and home that belong together; nothing was written.'),
  'secrets-key-mismatch': entry(500, 'The secrets provider cannot read this backend', false,
    'Give the passphrase or key that the backend was made with; nothing was written.'),
  'backend-unavailable': entry(503, 'The state backend cannot be reached', true, 'Check PULUMI_BACKEND_URL and the access to it.'),

  // Jobs
  'account-unknown': entry(422, 'The account is not in the accounts file', false, 'Add the account, or name another one.'),
  'cluster-unreachable': entry(409, 'The worker has no way to reach the private cluster', false,
    'Run the worker in a network that is peered with the cluster\'s (a reach of "peering" in the accounts file), or make the API server public for the worker\'s CIDRs alone (network.apiServer).'),
  'reach-not-supported': entry(409, 'This way to reach a private cluster is not available', false, 'Use a reach of "peering" or "public" for the account.'),
  'quota-exceeded': entry(409, 'The cloud account has too little quota left', false, 'Raise the quota that is named, or choose fewer or smaller machines.'),
  'cloud-credentials': entry(403, 'The cloud refused the account', false, 'Check the role, its trust policy and the account id in the accounts file.'),
  'stack-locked': entry(409, 'The stack is locked by another engine', true, 'Wait for the other operation, or see who holds the lock with "npm run ops -- env".'),
  'pending-operations': entry(409, 'An interrupted operation left resources in doubt', true, 'Repair the cluster with POST /clusters/NAME/repair, or delete it.'),
  'name-in-backend': entry(409, 'The backend has another cluster of this name', false,
    'Delete this cluster, for which nothing was made, and bring the other one back with "npm run rebuild".'),
  'deletion-begun': entry(409, 'The deletion of the cluster has begun', false, 'Delete the cluster again; what was dropped of it cannot be brought back.'),
  'cancelled': entry(409, 'The job was cancelled', true, 'Go on with POST /jobs/ID/retry, change or repair the cluster, or delete it.'),
  'operation-stalled': entry(504, 'Nothing happened for too long', true, 'See the job\'s events for where it stood, then repair the cluster.'),
  'operation-out-of-memory': entry(500, 'The operation used more memory than it may', true, 'Raise CLUSTERWRIGHT_OPERATION_MEMORY_MIB, then repair the cluster.'),
  'resource-failed': entry(409, 'A resource could not be provisioned', true, 'Read what the provider says, correct it and send the change again.'),
  'cloud-throttled': entry(429, 'The cloud is throttling requests', true, 'Try again later; the provider has already retried.'),
  'program-failed': entry(500, 'The infrastructure program failed', false, 'Report it with the job id: this is a fault of the service.'),
  'engine-failed': entry(500, 'The Pulumi engine failed', true, 'See the job\'s events for what the engine printed.'),
  'engine-crashed': entry(500, 'The Pulumi engine was killed', true, 'The job was run again some times already; see the memory of the host, then repair the cluster.'),
  'control-plane-timeout': entry(504, 'The control plane did not come up in time', true, 'See the node steps in the detail; the machines\' console logs say more.'),
  'node-failed': entry(409, 'A node failed while it was set up or upgraded', false, 'The detail has the node\'s own words; correct the cause and send the change again.'),
  'nodes-timeout': entry(504, 'Not all nodes joined in time', true, 'See the node steps in the detail; the machines\' console logs say more.'),
  'backup-unusable': entry(409, 'The cluster cannot be taken back to this backup', false, 'Choose another one: GET /clusters/NAME/backups lists those that there are.'),
  'objects-not-saved': entry(409, 'Velero has not saved everything', true, 'The detail has what Velero says; "velero backup logs NAME" has every object. Correct the cause and save it again.'),
  'objects-not-restored': entry(409, 'Velero has not brought everything back', true, 'The detail has what Velero says; "velero restore describe NAME --details" names the objects. Correct the cause and try again: what has come back stays.'),
  'drill-failed': entry(409, 'A restore drill found something wrong, or missed a target', true, 'The detail has all of it, and the job\'s report the numbers; put it right, save the cluster with POST /clusters/NAME/backups and try again with POST /clusters/NAME/drills.'),
  'control-planes-lost': entry(409, 'None of the cluster\'s control planes is left', false, 'Take the cluster back to one of its backups with POST /clusters/NAME/restore: it comes back on new machines. GET /clusters/NAME/backups lists those that there are.'),
  'order-failed': entry(409, 'A control plane could not do what it was ordered', true, 'The detail has the control plane\'s own words; correct the cause and try again.'),
  'order-unanswered': entry(504, 'A control plane did not answer an order', true, 'See whether the machine runs and its unit clusterwright-orders.service with it, then try again; repair the cluster where it is gone.'),
  'lasting-tokens': entry(409, 'Secrets have tokens that the old key has signed', true, 'Make another Secret for each of these service accounts, have whoever uses the token take the new one, and delete the old Secret; then finish the rotation again.'),
  'upgrade-not-ready': entry(409, 'The cluster is not ready for the upgrade', true, 'GET /clusters/NAME/upgrade-readiness has what was looked at; put right what it says and send the upgrade again.'),
  'node-not-drained': entry(409, 'A node could not be drained', true, 'See which pods stay on it and why, then try again; or send bounds that leave the pool its machines.'),
  'verification-failed': entry(409, 'The cluster is there but not healthy', true, 'See the conditions of the cluster for what is missing.'),
  'phase-timeout': entry(504, 'A phase took longer than its limit', true, 'See the job\'s events for where it stood.'),
  'deletion-incomplete': entry(409, 'Something of the cluster is still there', true, 'The receipt lists the leftovers; delete the cluster again.'),
  'worker-lost': entry(500, 'The workers that ran the job ended again and again', true, 'See the workers\' logs for why they ended, then repair the cluster with POST /clusters/NAME/repair.'),
  'operation-crashed': entry(500, 'The operation process ended again and again without a result', true, 'See the worker\'s log for why it ended, then repair the cluster with POST /clusters/NAME/repair.'),
  'lease-lost': entry(409, 'The operation lost its lease on the cluster', true, 'Another worker has taken over.'),
} as const satisfies Record<string, ErrorEntry>;

/** A code of the registry. */
export type ErrorCode = keyof typeof errorRegistry;

/** All codes, for schemas and docs. */
export const errorCodes = Object.keys(errorRegistry) as [ErrorCode, ...ErrorCode[]];

/** One fault in a document: where (RFC 6901 JSON pointer, "" is the whole document) and what is wrong with it. */
export interface Fault {
  readonly pointer: string;
  readonly detail: string;
}

/** What an error may carry beside its code and detail. */
export interface ErrorContext {
  /** The resource it is about: a URN's name, a node, a file. */
  readonly resource?: string;
  /** All faults of a document, for `invalid-spec` and its like. */
  readonly faults?: readonly Fault[];
  /** A better hint than the registry's, where the place knows more. */
  readonly hint?: string;
  /** Path of the job that stands in the way, for `operation-in-progress`. */
  readonly job?: string;
  readonly cause?: unknown;
}

const marker = 'clusterwright.error';

/** The one error that our code throws on purpose. `detail` is shown to callers: it never holds a secret or a stack trace. */
export class ClusterwrightError extends Error {
  readonly marker = marker;
  readonly code: ErrorCode;
  readonly resource: string | undefined;
  readonly faults: readonly Fault[] | undefined;
  readonly hint: string;
  readonly job: string | undefined;

  constructor(code: ErrorCode, detail: string, context: ErrorContext = {}) {
    super(detail, context.cause === undefined ? undefined : { cause: context.cause });
    this.name = 'ClusterwrightError';
    this.code = code;
    this.resource = context.resource;
    this.faults = context.faults;
    this.hint = context.hint ?? errorRegistry[code].hint;
    this.job = context.job;
  }
}

/** Recognises our errors by their marker, so that it also works across copies of this module. */
export function isClusterwrightError(value: unknown): value is ClusterwrightError {
  return value instanceof Error && 'marker' in value && value.marker === marker;
}
