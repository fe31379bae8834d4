import { ClusterwrightError, isClusterwrightError } from '../../../model/errors.js';
import { importing, leaving, type PlacedDeclaration } from '../../engine/adoption.js';
import type { EventSink } from '../../engine/events.js';
import { providerTypePrefix, typeOfUrn, type StackState } from '../../engine/export.js';
import type { EngineStack } from '../../engine/stack.js';
import type { ResourceFinder } from '../../cloud/cloud.js';
import type { Program } from '../../../programs/provider.js';

/** Something that the cloud has and the state does not know. */
interface Orphan {
  readonly id: string;
  readonly name: string;
  readonly dependencies: readonly string[];
}

/** What adopting needs. */
export interface AdoptionOptions {
  readonly stack: Pick<EngineStack, 'name' | 'preview' | 'up'>;
  readonly state: StackState;
  readonly program: Program;
  readonly finder: ResourceFinder;
  readonly sink: EventSink;
  readonly signal: AbortSignal;
}

/**
 * Takes what the program declares, the cloud has and the state does not know into the state, by the engine's own import. First a preview: it gives
 * every declaration with its inputs, reads what is found, and changes nothing. Then an update of just these resources. Returns the
 * names of those that cannot be taken in, because something that they depend on is not there.
 */
export async function adopt(options: AdoptionOptions): Promise<string[]> {
  const { stack, state, program, sink, signal } = options;
  const orphans = await findOrphans(options);
  const adoptable = withDependencies(orphans, state.urns);
  if (adoptable.size > 0) {
    // The providers come along, so that they work with the settings of today and not with those of the state.
    const only = [...adoptable, ...state.urns.filter((urn) => typeOfUrn(urn).startsWith(providerTypePrefix))];
    const imports = importing(leaving(program, knownTo(state)), ({ urn }) => Promise.resolve(adoptable.has(urn) ? orphans.get(urn)?.id : undefined));
    await stack.up(imports, { sink: importsOnly(sink), signal }, only);
  }
  return [...orphans].flatMap(([urn, { name }]) => (adoptable.has(urn) ? [] : [name]));
}

/** What there is, by URN. The preview reads each one: what an index still lists and the provider does not find any more is none. */
async function findOrphans({ stack, state, program, finder, signal }: AdoptionOptions): Promise<ReadonlyMap<string, Orphan>> {
  const known = knownTo(state);
  // A role and a log group may have the same name.
  const ids = new Set(state.resources.map(({ type, id }) => `${type} ${id ?? ''}`));
  const gone = new Set<string>();
  const orphanOf = async (declared: PlacedDeclaration): Promise<string | undefined> =>
    onlyOne(declared, (await finder.idsOf(declared)).filter((id) => !gone.has(id) && !ids.has(`${declared.type} ${id}`)));
  for (;;) {
    const found = new Map<string, Orphan>();
    // What ends a look-up would reach the engine as words without a code, and may leave the program waiting: it is kept until the preview is over.
    const refused: unknown[] = [];
    const idOf = async (declared: PlacedDeclaration): Promise<string | undefined> => {
      if (known.has(declared.urn)) return undefined;
      const id = await orphanOf(declared).catch((error: unknown) => void refused.push(error));
      if (id !== undefined) found.set(declared.urn, { id, name: declared.name, dependencies: declared.dependencies });
      return id;
    };
    const failure = await stack.preview(importing(leaving(program, known), idOf), signal).then(() => undefined, (error: unknown) => ({ error }));
    if (refused.length > 0) throw refused[0];
    if (failure === undefined) return found;
    const id = missingId(failure.error);
    if (id === undefined || gone.has(id)) throw failure.error;
    gone.add(id);
  }
}

/** URNs of what the state knows. What was being replaced is known, as its predecessor: an import of the successor lets the engine delete that. */
function knownTo(state: StackState): ReadonlySet<string> {
  const creating = new Set(state.pending.filter(({ operation }) => operation === 'creating').map(({ urn }) => urn));
  return new Set(state.urns.filter((urn) => !creating.has(urn)));
}

function onlyOne({ type, name }: PlacedDeclaration, ids: readonly string[]): string | undefined {
  if (ids.length < 2) return ids[0];
  throw new ClusterwrightError('pending-operations', `The cloud has more than one ${name} (${type}): ${ids.join(', ')}. It cannot be told which of them is the cluster's.`, {
    resource: name, hint: 'Delete all but one of them by hand, then repair the cluster.',
  });
}

/** The id that the engine was to import and that its provider does not find, in the engine's words. */
function missingId(error: unknown): string | undefined {
  return isClusterwrightError(error) ? /resource '([^']+)' does not exist/.exec(error.message)?.[1] : undefined;
}

/** Those all of whose dependencies are in the state or come along: the engine makes nothing without what it depends on. */
function withDependencies(orphans: ReadonlyMap<string, Orphan>, known: readonly string[]): ReadonlySet<string> {
  const there = new Set([...known, ...orphans.keys()]);
  for (let before = -1; before !== there.size; ) {
    before = there.size;
    for (const [urn, { dependencies }] of orphans) if (!dependencies.every((dependency) => there.has(dependency))) there.delete(urn);
  }
  return new Set([...orphans.keys()].filter((urn) => there.has(urn)));
}

/** Of what the engine tells while it adopts, only the imports are news. */
function importsOnly(sink: EventSink): EventSink {
  return {
    event: (event) => {
      if (event.type === 'message' || (event.type === 'resource' && event.op === 'import')) sink.event(event);
    },
    progress: () => undefined,
  };
}
