import type { Clock } from '../../clock.js';
import { EventEmitter } from 'node:events';
import type { Journal, Table } from '../../inventory/journal.js';
import { AwsError } from '../errors.js';

export type ParameterType = 'String' | 'SecureString' | 'StringList';

export interface Parameter {
  readonly name: string;
  readonly region: string;
  readonly type: ParameterType;
  readonly value: string;
  readonly version: number;
  /** Sandbox time in milliseconds. */
  readonly modifiedAt: number;
}

// "4 KB for standard parameters" (Systems Manager quotas); advanced ones hold 8 KB.
const longestStandard = 4096;
const longestAdvanced = 8192;

/** Systems Manager's parameter store: the secret store of real and simulated nodes. Persistent. */
export class Parameters {
  readonly #table: Table<Parameter>;
  /** Emits `changed` with the parameter after each put. */
  readonly events = new EventEmitter<{ changed: [Parameter] }>();

  constructor(
    journal: Journal,
    private readonly clock: Clock,
  ) {
    this.#table = journal.table('aws/parameters');
  }

  /**
   * Writes a parameter; `overwrite` defaults to true for callers in this process.
   * @throws AwsError ParameterAlreadyExists, ValidationException
   */
  put(region: string, name: string, value: string, type: ParameterType, options: { overwrite?: boolean; advanced?: boolean } = {}): Parameter {
    if (!/^\/?[\w.-]+(\/[\w.-]+)*$/.test(name) || /^\/?(aws|ssm)/i.test(name)) {
      throw new AwsError('ValidationException', `Parameter name: can't be prefixed with "aws" or "ssm", and must consist of letters, numbers and ._-/: ${name}`);
    }
    if (value === '') throw new AwsError('ValidationException', `Value at 'value' failed to satisfy constraint: Member must have length greater than or equal to 1: ${name}`);
    const longest = options.advanced === true ? longestAdvanced : longestStandard;
    if (Buffer.byteLength(value) > longest) {
      throw new AwsError('ValidationException', `Parameter value for ${name} exceeds ${longest} bytes; the advanced tier allows ${longestAdvanced}.`);
    }
    const existing = this.get(region, name);
    if (existing !== undefined && options.overwrite === false) {
      throw new AwsError('ParameterAlreadyExists', 'The parameter already exists. To overwrite this value, set the overwrite option in the request to true.');
    }
    const parameter: Parameter = { name, region, type, value, version: (existing?.version ?? 0) + 1, modifiedAt: this.clock.now() };
    this.#table.put(key(region, name), parameter);
    this.events.emit('changed', parameter);
    return parameter;
  }

  get(region: string, name: string): Parameter | undefined {
    return this.#table.get(key(region, name));
  }

  /** Removes a parameter; says whether there was one. */
  delete(region: string, name: string): boolean {
    return this.#table.delete(key(region, name));
  }

  /** Parameters below a path, sorted by name. Not recursive: direct children only. */
  byPath(region: string, path: string, recursive: boolean): Parameter[] {
    const prefix = path.endsWith('/') ? path : `${path}/`;
    return [...this.#table.values()]
      .filter((parameter) => parameter.region === region && parameter.name.startsWith(prefix))
      .filter((parameter) => recursive || !parameter.name.slice(prefix.length).includes('/'))
      .sort((one, other) => (one.name < other.name ? -1 : 1));
  }
}

function key(region: string, name: string): string {
  return `${region}|${name}`;
}
