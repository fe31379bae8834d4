import type { Context } from '../context.js';
import type { Grant } from './document.js';
import { keyName, policySubjects } from './subjects.js';

/** The disk encryption set uses the one key, and no other of its vault. */
export function keyGrant(context: Pick<Context, 'spec' | 'uid' | 'groupId' | 'id'>): Grant {
  return { name: 'key', role: { builtIn: 'key-user' }, scope: `${policySubjects(context).vaults['control-plane']}/keys/${keyName}` };
}
