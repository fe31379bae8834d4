import { InputError } from '@backstage/errors';
import type { JsonObject } from '@backstage/types';
import Ajv2020 from 'ajv/dist/2020';
import type { Schema } from './schemas';

/** Checks what an action was given. */
export type InputCheck = (input: JsonObject) => void;

/**
 * A check by JSON Schema that tells every fault at once with its JSON pointer, where Backstage's own, by the same schema, has run on the templated input only.
 * @returns throws InputError
 */
export function inputCheck(action: string, schema: Schema): InputCheck {
  const valid = new Ajv2020({ allErrors: true, strict: false, validateFormats: false }).compile(schema);
  return (input) => {
    if (valid(input)) return;
    const faults = (valid.errors ?? []).map(({ instancePath, message = 'is not valid', params }) => {
      const unknown: unknown = params['additionalProperty'];
      return `${instancePath === '' ? 'the input' : instancePath}: ${message}${typeof unknown === 'string' ? ` ("${unknown}")` : ''}`;
    });
    throw new InputError(`${action} was given what it cannot use:\n${faults.join('\n')}`);
  };
}
