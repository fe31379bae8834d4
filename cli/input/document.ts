import { readFile } from 'node:fs/promises';
import { text } from 'node:stream/consumers';
import { isMap, LineCounter, parseDocument, type Document } from 'yaml';
import { Problem } from '../../client/index.js';
import { exitCodes } from '../exit-codes.js';
import { CommandFailure, codeOfStatus, problemText } from '../failure.js';
import { assign } from './assignments.js';
import { placeOf } from './places.js';

/** A YAML or JSON document that somebody wrote, and where in it things are. What it says is for the service to check. */
export interface InputDocument {
  readonly value: Readonly<Record<string, unknown>>;
  /** `FILE:LINE:COLUMN` of what a JSON pointer leads to; undefined where that is not in the file. */
  readonly place: (pointer: string) => string | undefined;
}

/**
 * Reads a document.
 * @param file its path, or `-` for standard input
 * @param assignments changes to it, each `PATH=VALUE`
 * @throws CommandFailure where it cannot be read, is not valid YAML or no mapping
 */
export async function readDocument(file: string, assignments: readonly string[] = []): Promise<InputDocument> {
  const name = file === '-' ? 'standard input' : file;
  const source = await (file === '-' ? text(process.stdin) : readFile(file, 'utf8')).catch((error: unknown) => {
    throw new CommandFailure(exitCodes.refused, `${name} cannot be read: ${error instanceof Error ? error.message : String(error)}`);
  });
  return parseInput(source, name, assignments);
}

/** The document in a text; see {@link readDocument}. */
export function parseInput(source: string, name: string, assignments: readonly string[] = []): InputDocument {
  const lineCounter = new LineCounter();
  const document: Document = parseDocument(source, { lineCounter });
  const [fault] = document.errors;
  if (fault !== undefined) throw new CommandFailure(exitCodes.refused, `${name} is not valid YAML: ${fault.message.trim()}`);
  if (!isMap(document.contents)) throw new CommandFailure(exitCodes.refused, `${name} has no mapping of fields in it.`);
  for (const assignment of assignments) assign(document, assignment);
  return {
    value: document.toJS() as Record<string, unknown>,
    place: (pointer) => {
      const found = placeOf(document, pointer);
      if (found === undefined) return undefined;
      const { line, col } = lineCounter.linePos(found);
      return `${name}:${line}:${col}`;
    },
  };
}

/** Does what sends a document, and tells the faults that the service finds in it with their places. */
export async function withPlaces<T>(document: InputDocument, send: () => Promise<T>): Promise<T> {
  try {
    return await send();
  } catch (error) {
    if (error instanceof Problem && error.errors.length > 0) throw new CommandFailure(codeOfStatus(error.status), problemText(error, document.place, 'Correct the document and send it again.'));
    throw error;
  }
}
