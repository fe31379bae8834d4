import { z } from 'zod';
import type { CheckFailure } from '../protocol/provider.js';
import { hasUnknown, type PropertyMap } from '../protocol/values.js';
import { subscriptionId, tenantId } from './cloud.js';

/** The provider arguments that change what the sandbox does; all others of the real provider are accepted and ignored. */
const argumentsSchema = z.looseObject({
  subscriptionId: z.guid().optional(),
  tenantId: z.guid().optional(),
  location: z.string().optional(),
});

/** Understood provider arguments. */
export type ProviderArguments = z.infer<typeof argumentsSchema>;

/** Faults of provider arguments; nothing is said about those that a preview does not know. */
export function checkArguments(args: PropertyMap): CheckFailure[] {
  const known = Object.fromEntries(Object.entries(args).filter(([, value]) => !hasUnknown(value)));
  const result = argumentsSchema.safeParse(known);
  return result.success ? [] : result.error.issues.map((issue) => ({ property: issue.path.join('.'), reason: issue.message }));
}

/** Reads complete arguments, and refuses what no sign-in of the sandbox can reach. */
export function openArguments(args: PropertyMap): ProviderArguments {
  const parsed = argumentsSchema.parse(args);
  const { subscriptionId: subscription = subscriptionId, tenantId: tenant = tenantId } = parsed;
  if (tenant.toLowerCase() !== tenantId) throw new Error(`AADSTS90002: Tenant '${tenant}' not found. Check to make sure you have the correct tenant ID and are signing into the correct cloud.`);
  if (subscription.toLowerCase() !== subscriptionId) throw new Error(`Status=404 Code="SubscriptionNotFound" Message="The subscription '${subscription}' could not be found."`);
  return parsed;
}
