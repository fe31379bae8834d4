import type { LoggerService } from '@backstage/backend-plugin-api';
import type { Job, Plan } from '@clusterwright/client';

/** How many changes are told one by one. */
const shown = 40;

/** Writes the plan of a preview into the task's log. */
export function tellPlan({ plan }: Job, logger: LoggerService): void {
  if (plan === null || plan === undefined) return;
  logger.info(`Plan: ${plan.create} to create, ${plan.update} to update, ${plan.replace} to replace, ${plan.delete} to delete, ${plan.same} as they are`);
  for (const { op, type, name, properties } of plan.changes.slice(0, shown)) {
    logger.info(`  ${op} ${type} ${name}${properties.length === 0 ? '' : ` (${properties.join(', ')})`}`);
  }
  if (plan.changes.length > shown) logger.info(`  and ${plan.changes.length - shown} more`);
  if (plan.cost) logger.info(costOf(plan.cost));
}

/** Prices have a day, without which they say nothing. */
function costOf({ currency, monthly, monthlyAtMost, monthlyBefore, pricesAsOf, notCounted }: NonNullable<Plan['cost']>): string {
  const before = monthlyBefore === null || monthlyBefore === 0 ? '' : `, ${monthlyBefore} without the change`;
  const most = monthlyAtMost === monthly ? '' : `, up to ${monthlyAtMost} with all pools grown`;
  return `Cost: ${monthly} ${currency} a month${most}${before}, by list prices of ${pricesAsOf}${notCounted.length === 0 ? '' : `; not counted: ${notCounted.join(', ')}`}`;
}
