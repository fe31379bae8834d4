import type { EngineEvent } from '@pulumi/pulumi/automation/index.js';
import { isBookkeeping, nameOfUrn, typeOfUrn } from './export.js';

type Metadata = NonNullable<EngineEvent['resourcePreEvent']>['metadata'];

/** A value that a preview does not know yet: the SDK's sentinels all have these digits. */
const unknownValue = '04da6b54-80e4-46f7-96ec-b56ff0331ba9';

/** A resource that is other than its program has it. */
export interface Deviation {
  readonly type: string;
  readonly name: string;
  /** `missing`: it is to be made. `foreign`: the program does not have it, or no more. `different`: some of its properties are others. */
  readonly is: 'missing' | 'foreign' | 'different';
  /** Where it is different, by the property at the top: the paths, each with both values. */
  readonly properties: Readonly<Record<string, readonly Difference[]>>;
}

/** One place in which a resource is different. A value is undefined where there is none. */
export interface Difference {
  readonly path: string;
  readonly expected: unknown;
  readonly seen: unknown;
}

/**
 * Gathers, out of a preview that reads every resource first, what would be put right. What only follows from something else that is to be made, a value that is not known yet, is no
 * deviation of its own.
 */
export class DeviationReader {
  readonly #found = new Map<string, Deviation>();

  read(event: EngineEvent): void {
    const metadata = event.resourcePreEvent?.metadata;
    if (metadata === undefined || isBookkeeping(typeOfUrn(metadata.urn))) return;
    const deviation = deviationOf(metadata);
    if (deviation !== undefined) this.#found.set(metadata.urn, deviation);
  }

  get deviations(): Deviation[] {
    return [...this.#found.values()];
  }
}

function deviationOf(metadata: Metadata): Deviation | undefined {
  const about = { type: typeOfUrn(metadata.urn), name: nameOfUrn(metadata.urn) };
  switch (metadata.op) {
    case 'create': case 'import':
      return { ...about, is: 'missing', properties: {} };
    case 'delete':
      return metadata.old?.retainOnDelete === true ? undefined : { ...about, is: 'foreign', properties: {} };
    case 'update': case 'replace': case 'create-replacement': {
      const properties = differencesOf(metadata);
      return Object.keys(properties).length === 0 ? undefined : { ...about, is: 'different', properties };
    }
    default:
      return undefined;
  }
}

function differencesOf({ detailedDiff, diffs, old, new: wanted }: Metadata): Record<string, Difference[]> {
  const paths = detailedDiff ? Object.keys(detailedDiff) : (diffs ?? []);
  const found: Record<string, Difference[]> = {};
  for (const path of paths) {
    const expected = at(wanted?.inputs, path);
    if (JSON.stringify(expected)?.includes(unknownValue)) continue;
    const seen = at(old?.inputs, path) ?? at(old?.outputs, path);
    (found[keysOf(path)[0] ?? path] ??= []).push({ path, expected, seen });
  }
  return found;
}

/** `tags["a.b"].c[0]` is `tags`, `a.b`, `c`, `0`. */
function keysOf(path: string): string[] {
  return [...path.matchAll(/\["((?:[^"\\]|\\.)*)"\]|\[(\d+)\]|([^.[\]]+)/g)].map(([, quoted, index, plain]) => quoted ?? index ?? plain ?? '');
}

function at(properties: unknown, path: string): unknown {
  return keysOf(path).reduce<unknown>((value, key) => (typeof value === 'object' && value !== null ? (value as Record<string, unknown>)[key] : undefined), properties);
}
