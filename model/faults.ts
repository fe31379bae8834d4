import type { z } from 'zod';
import type { Fault } from './errors.js';
import { pointer } from './pointer.js';

/** All faults of a failed zod parse, each with its JSON pointer. An unknown field is a fault of its own, at its own place. */
export function faultsOf(error: z.ZodError, base: readonly PropertyKey[] = []): Fault[] {
  return error.issues.flatMap((issue) => {
    const path = [...base, ...issue.path];
    if (issue.code === 'unrecognized_keys') return issue.keys.map((key) => ({ pointer: pointer([...path, key]), detail: 'is not a known field' }));
    return [{ pointer: pointer(path), detail: describe(issue) }];
  });
}

function describe(issue: z.core.$ZodIssue): string {
  if (issue.code === 'invalid_type' && issue.input === undefined) return `is required (${issue.expected})`;
  if (issue.code === 'invalid_type') return `must be of type ${issue.expected}`;
  if (issue.code === 'invalid_value') return `must be one of: ${issue.values.map(String).join(', ')}`;
  return issue.message;
}
