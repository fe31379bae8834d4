import type { EngineEvent } from '@pulumi/pulumi/automation/index.js';
import type { PlannedChange, StackPlan } from '../../model/plan.js';
import { isBookkeeping, nameOfUrn, typeOfUrn } from './export.js';

/** What the engine calls the steps of a preview, by what a plan calls them. */
const planned: Readonly<Record<string, PlannedChange['op'] | 'same'>> = {
  same: 'same', create: 'create', update: 'update', delete: 'delete', import: 'create',
  // A replacement is up to three steps on one resource.
  replace: 'replace', 'create-replacement': 'replace', 'delete-replaced': 'replace',
};

/** Gathers the plan of one stack out of the events of a preview. */
export class PlanReader {
  readonly #resources = new Map<string, { op: PlannedChange['op'] | 'same'; properties: Set<string> }>();

  read(event: EngineEvent): void {
    const metadata = event.resourcePreEvent?.metadata;
    if (metadata === undefined || isBookkeeping(typeOfUrn(metadata.urn))) return;
    const op = isKept(metadata) ? 'same' : planned[metadata.op];
    if (op === undefined) return;
    const known = this.#resources.get(metadata.urn);
    const properties = known?.properties ?? new Set<string>();
    for (const path of Object.keys(metadata.detailedDiff ?? {})) properties.add(topProperty(path));
    for (const name of metadata.detailedDiff ? [] : (metadata.diffs ?? [])) properties.add(topProperty(name));
    this.#resources.set(metadata.urn, { op: known?.op === 'replace' ? 'replace' : op, properties });
  }

  plan(stack: string): StackPlan {
    const resources = [...this.#resources].map(([urn, { op, properties }]) => ({ urn, op, properties }));
    return planOf(stack, 'previewed', resources);
  }
}

/** Whether a deletion lets go of a resource without touching it. */
function isKept({ op, old }: NonNullable<EngineEvent['resourcePreEvent']>['metadata']): boolean {
  return op === 'delete' && old?.retainOnDelete === true;
}

/** A plan out of resources and what happens to each. Names of properties are kept for updates and replacements only. */
export function planOf(
  stack: string, basis: StackPlan['stacks'][number]['basis'],
  resources: readonly { urn: string; op: PlannedChange['op'] | 'same'; properties?: ReadonlySet<string> }[],
): StackPlan {
  const count = (op: PlannedChange['op'] | 'same'): number => resources.filter((resource) => resource.op === op).length;
  return {
    stacks: [{ name: stack, basis }],
    create: count('create'), update: count('update'), replace: count('replace'), delete: count('delete'), same: count('same'),
    changes: resources.flatMap(({ urn, op, properties }) => op === 'same' ? [] : [{
      type: typeOfUrn(urn), name: nameOfUrn(urn), op, properties: op === 'update' || op === 'replace' ? [...(properties ?? [])].sort() : [],
    }]),
  };
}

/** The property that a path of a detailed diff lies in: `tags["a.b"].c[0]` is `tags`. */
function topProperty(path: string): string {
  return /^[^.[]+/.exec(path)?.[0] ?? path;
}
