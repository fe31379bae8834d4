import type { Plan } from '../../client/index.js';

type Change = Plan['changes'][number];

const signs = { create: '+', update: '~', replace: '±', delete: '-' } as const satisfies Record<Change['op'], string>;

/** A plan: the sums, then resources that are there already one by one, then what would be made by kind. */
export function planRows(plan: Plan): [string, string][] {
  const { create, update, replace, delete: gone, same, stacks, changes } = plan;
  const made = new Map<string, Change[]>();
  for (const change of changes.filter(({ op }) => op === 'create')) made.set(change.type, [...(made.get(change.type) ?? []), change]);
  return [
    ['plan', `${create} to create, ${update} to update, ${replace} to replace, ${gone} to delete, ${same} stay as they are`],
    ...stacks.filter(({ basis }) => basis === 'declared').map(({ name }): [string, string] => ['declared', `${name}: read from the program, for what it would change does not exist yet`]),
    ...costRows(plan),
    ...changes.filter(({ op }) => op !== 'create').map(({ op, type, name, properties }): [string, string] => ['changes', `${signs[op]} ${type} ${name}${properties.length === 0 ? '' : ` (${properties.join(', ')})`}`]),
    ...[...made].map(([type, resources]): [string, string] => ['changes', `${signs.create} ${type}${resources.length === 1 ? ` ${resources[0]?.name ?? ''}` : ` × ${resources.length}`}`]),
  ];
}

/** What the cluster costs, with the date of the prices; nothing where a price is not known. */
function costRows({ cost }: Plan): [string, string][] {
  if (!cost) return [];
  const { currency, monthly, monthlyAtMost, monthlyBefore, pricesAsOf, items, notCounted } = cost;
  const amount = (value: number): string => `${value.toFixed(2)} ${currency}`;
  const widest = Math.max(...items.map((item) => amount(item.monthly).length));
  return [
    ['cost', `about ${amount(monthly)} a month${monthlyAtMost > monthly ? `, up to ${amount(monthlyAtMost)} with all pools grown` : ''}${monthlyBefore === null || monthlyBefore === 0 ? '' : `, ${amount(monthlyBefore)} before`}; list prices of ${pricesAsOf}`],
    ...items.map(({ what, count, monthly: each }): [string, string] => ['cost', `${amount(each).padStart(widest)}  ${count} × ${what}`]),
    ...(notCounted.length === 0 ? [] : [['not counted', notCounted.join('; ')] as [string, string]]),
  ];
}

/** The fields of a spec that a merge patch gives another value, each with the values before and after. Of lists as long as before the items are compared, and their fields that are not given fall back to defaults. */
export function changedFields(before: unknown, patch: unknown): string[] {
  return differences(before, patch, '', false);
}

function differences(before: unknown, after: unknown, path: string, whole: boolean): string[] {
  if (isFields(after) && isFields(before)) {
    const left = whole ? Object.keys(before).filter((key) => !(key in after) && !isEmpty(before[key])) : [];
    return [
      ...Object.entries(after).flatMap(([key, value]) => differences(before[key], value, path === '' ? key : `${path}.${key}`, whole)),
      ...left.map((key) => `${path}.${key}: ${JSON.stringify(before[key])} → the default, since it is not given`),
    ];
  }
  if (Array.isArray(after) && Array.isArray(before) && after.length === before.length) return after.flatMap((value, index) => differences(before[index], value, `${path}[${index}]`, true));
  const [old, next] = [JSON.stringify(before), JSON.stringify(after)];
  return old === next || (old === undefined && after === null) ? [] : [`${path}: ${old ?? 'not set'} → ${after === null ? 'not set' : next}`];
}

function isEmpty(value: unknown): boolean {
  return value === null || value === undefined || (typeof value === 'object' && Object.keys(value).length === 0);
}

function isFields(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
