import { parse, type Document } from 'yaml';
import { exitCodes } from '../exit-codes.js';
import { CommandFailure } from '../failure.js';

/**
 * Sets a field of a document.
 * @param assignment `PATH=VALUE`: the path's parts are separated by dots, and numbers in it count the items of lists; the value is YAML, such as `5`, `true` or `"5"`
 */
export function assign(document: Document, assignment: string): void {
  const at = assignment.indexOf('=');
  const path = assignment.slice(0, at).split('.');
  if (at <= 0 || path.includes('')) throw new CommandFailure(exitCodes.refused, `--set ${assignment} is not PATH=VALUE, such as nodePools.0.maxNodes=5.`);
  try {
    document.setIn(path.map((part) => (/^[0-9]+$/.test(part) ? Number(part) : part)), document.createNode(parse(assignment.slice(at + 1))));
  } catch (error) {
    throw new CommandFailure(exitCodes.refused, `--set ${assignment} cannot be done: ${error instanceof Error ? error.message : String(error)}`);
  }
}
