import type { EngineEvent } from '@pulumi/pulumi/automation/index.js';
import type { JobEventBody } from '../../model/event.js';
import { isBookkeeping, nameOfUrn, stackType, typeOfUrn } from './export.js';
import { readable } from './readable.js';

type ResourceEvent = Extract<JobEventBody, { type: 'resource' }>;
type StepMetadata = NonNullable<EngineEvent['resourcePreEvent']>['metadata'];

/** What an operation's events came to: who failed, and with which words. */
export interface Diagnosis {
  /** Resources that failed, in the order in which they did, with the provider's words. */
  readonly failures: readonly { urn: string; words: string }[];
  /** Errors that belong to no resource: the program's and the engine's own. */
  readonly errors: readonly string[];
}

/** Where the events of an operation go. */
export interface EventSink {
  /** A resource or message to record. */
  event(event: JobEventBody): void;
  /** How many of how many resources are dealt with. */
  progress(done: number, total: number): void;
}

/** What the engine calls its steps, and what a caller is told. `undefined`: steps that only move something inside the state. */
const opNames: Readonly<Record<string, ResourceEvent['op'] | undefined>> = {
  create: 'create', update: 'update', delete: 'delete', read: 'read', refresh: 'refresh', import: 'import',
  'create-replacement': 'replace', 'import-replacement': 'replace', 'read-replacement': 'read', 'delete-replaced': 'delete',
};

/**
 * Turns the engine's events into progress, resource events and a diagnosis. Diagnostics of severity "debug" are dropped: the engine sends
 * them unasked, and their text can hold secret properties in clear. Never throws: the SDK would only print a warning.
 */
export class EventReader {
  readonly #failures = new Map<string, string>();
  readonly #errors: string[] = [];
  readonly #settled = new Set<string>();
  readonly #seen = new Set<string>();
  #expected: number;

  /**
   * @param deletions how many resources a deletion is expected to delete: then only deletions count, and not what the program says on its way.
   * Otherwise `expect` tells how many resources there are as the program declares them.
   */
  constructor(private readonly stack: string, private readonly sink: EventSink, private readonly deletions?: number) {
    this.#expected = deletions ?? 0;
  }

  /** Tells that the program has declared this many resources so far. */
  expect(total: number): void {
    this.#expected = Math.max(this.#expected, total);
  }

  get diagnosis(): Diagnosis {
    return { failures: [...this.#failures].map(([urn, words]) => ({ urn, words })), errors: this.#errors };
  }

  /** Takes one event of the engine. */
  read(event: EngineEvent): void {
    if (event.resourcePreEvent) this.#step(event.resourcePreEvent.metadata, 'started');
    else if (event.resOutputsEvent) this.#step(event.resOutputsEvent.metadata, 'succeeded');
    else if (event.resOpFailedEvent) this.#step(event.resOpFailedEvent.metadata, 'failed');
    else if (event.diagnosticEvent) this.#diagnostic(event.diagnosticEvent);
  }

  #step(metadata: StepMetadata, state: ResourceEvent['state']): void {
    const type = metadata.type || typeOfUrn(metadata.urn);
    if (isBookkeeping(type) || (this.deletions !== undefined && metadata.op !== 'delete')) return;
    this.#seen.add(metadata.urn);
    if (state !== 'started') this.#settled.add(metadata.urn);
    if (state === 'failed' && !this.#failures.has(metadata.urn)) this.#failures.set(metadata.urn, '');
    const done = this.#settled.size;
    const total = Math.max(this.#expected, this.#seen.size);
    this.sink.progress(done, total);
    const op = opNames[metadata.op];
    if (op === undefined) return;
    this.sink.event({ type: 'resource', stack: this.stack, resourceType: type, name: nameOfUrn(metadata.urn), op, state, done, total });
  }

  #diagnostic({ severity, urn, message, ephemeral }: NonNullable<EngineEvent['diagnosticEvent']>): void {
    const words = readable(message);
    if (words === '' || ephemeral === true) return;
    const resource = urn !== undefined && urn !== '' && typeOfUrn(urn) !== stackType ? urn : undefined;
    switch (severity) {
      case 'error':
        if (resource === undefined) this.#errors.push(words);
        // The provider's words come first; what follows ("update failed") only repeats that it failed.
        else if (!this.#failures.get(resource)) this.#failures.set(resource, words);
        this.sink.event({ type: 'message', severity: 'error', text: words, resource: resource === undefined ? null : nameOfUrn(resource) });
        return;
      case 'warning':
        this.sink.event({ type: 'message', severity: 'warning', text: words, resource: resource === undefined ? null : nameOfUrn(resource) });
        return;
      // "debug" comes too, though the SDK's type does not know it.
      default:
        return;
    }
  }
}
