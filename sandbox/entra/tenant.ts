import { z } from 'zod';
import { uuidSchema } from '../../model/fields.js';

/** What users and service principals have alike. */
const principal = {
  /** Object ids of the groups it is in, nested ones included. */
  groups: z.array(uuidSchema).default([]),
  /** App roles that it is assigned, by the application (client) id that defines them. */
  roles: z.record(uuidSchema, z.array(z.string().min(1))).default({}),
};

const userSchema = z.strictObject({ id: uuidSchema, userPrincipalName: z.string().min(1), displayName: z.string().min(1), ...principal });

const applicationSchema = z.strictObject({
  /** The client id. */
  id: uuidSchema,
  displayName: z.string().min(1),
  /** Object id of its service principal, which is what gets groups and roles. */
  servicePrincipalId: uuidSchema,
  /** With a secret it is a confidential client, which may also ask for tokens of its own. */
  secret: z.string().min(1).optional(),
  /** Where a browser may be sent back to, to the letter; public clients may be at any port of `http://localhost` besides. */
  redirectUris: z.array(z.url()).default([]),
  ...principal,
});

/** What a tenant's directory holds. Groups that a user or an application is in have to be listed. */
export const tenantSchema = z.strictObject({
  displayName: z.string().min(1),
  users: z.array(userSchema).default([]),
  groups: z.array(z.strictObject({ id: uuidSchema, displayName: z.string().min(1) })).default([]),
  applications: z.array(applicationSchema).default([]),
}).superRefine(({ users, groups, applications }, context) => {
  const known = new Set(groups.map(({ id }) => id));
  for (const [path, members] of [['users', users], ['applications', applications]] as const) {
    members.forEach((member, index) => {
      const unknown = member.groups.find((id) => !known.has(id));
      if (unknown !== undefined) context.addIssue({ code: 'custom', path: [path, index, 'groups'], message: `the tenant has no group ${unknown}` });
    });
  }
});

export type Tenant = z.output<typeof tenantSchema>;
export type User = Tenant['users'][number];
export type Application = Tenant['applications'][number];

/** A user by object id or user principal name. */
export function findUser(tenant: Tenant, idOrName: string): User | undefined {
  const wanted = idOrName.toLowerCase();
  return tenant.users.find(({ id, userPrincipalName }) => id === wanted || userPrincipalName.toLowerCase() === wanted);
}

/** An application by client id. */
export function findApplication(tenant: Tenant, clientId: string): Application | undefined {
  return tenant.applications.find(({ id }) => id === clientId.toLowerCase());
}
