import { z, type ZodType } from 'zod';
import { AwsError } from '../errors.js';

/** Reads a JSON input, or refuses it as AWS does. */
export function parseInput<T>(schema: ZodType<T>, input: unknown): T {
  const result = schema.safeParse(input);
  if (!result.success) throw new AwsError('ValidationException', z.prettifyError(result.error));
  return result.data;
}
