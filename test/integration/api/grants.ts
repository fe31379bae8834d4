/** A request for temporary access that is good for an hour from now. */
export function aGrant(role: 'admin' | 'operator' | 'developer' | 'viewer', more: object = {}) {
  return { group: '44444444-4444-4444-8444-444444444444', role, until: new Date(Date.now() + 3_600_000).toISOString(), reason: 'Incident 4711', ...more };
}
