import type { Socket } from 'node:net';
import { TLSSocket } from 'node:tls';
import { StatusError } from './status-error.js';

/** Who calls: from the subject of the client certificate. */
export interface Identity {
  user: string;
  groups: readonly string[];
}

/** Groups that may do everything. Finer rights are not simulated: RBAC objects are kept, not evaluated. */
const allowedGroups = new Set(['system:masters', 'clusterwright:provisioners']);

/**
 * The caller of a connection.
 * @throws StatusError 401 without a certificate of the cluster's authority that is valid at `now` (the sandbox's clock).
 */
export function authenticate(socket: Socket, now: number): Identity {
  const unauthorized = new StatusError(401, 'Unauthorized', 'Unauthorized');
  if (!(socket instanceof TLSSocket) || !socket.authorized) throw unauthorized;
  const { subject, valid_to: validTo } = socket.getPeerCertificate();
  if (subject === undefined || Date.parse(validTo) <= now) throw unauthorized;
  return { user: listOf(subject.CN)[0] ?? '', groups: listOf(subject.O) };
}

/** @throws StatusError 403 for a caller in none of the groups that may do everything. */
export function authorize(identity: Identity, verb: string, path: string): void {
  if (identity.groups.some((group) => allowedGroups.has(group))) return;
  throw new StatusError(403, 'Forbidden', `User ${JSON.stringify(identity.user)} cannot ${verb} path ${JSON.stringify(path)}`);
}

function listOf(value: string | string[] | undefined): readonly string[] {
  return value === undefined ? [] : Array.isArray(value) ? value : [value];
}
