import { namespacesWithoutPolicies } from './policies.js';

/** A text of names, host names and paths as CEL writes it. */
export function celString(text: string): string {
  return `'${text}'`;
}

/** A policy's condition that leaves out the namespaces without policies: scans of what is there already do not ask the webhooks. */
export const teamsOnly = { name: 'teams-only', expression: `!(request.namespace in [${namespacesWithoutPolicies.map(celString).join(', ')}])` };
