import type { CheckFailure } from '../protocol/provider.js';
import type { PropertyMap, PropertyValue } from '../protocol/values.js';
import { Cidr } from './cidr.js';
import { select } from './properties.js';

/**
 * A rule that looks at the inputs alone, as the provider's schema has them: it runs in previews too and says nothing about
 * values that are absent or unknown.
 */
export interface Check {
  /** Properties it looks at; a test compares their first parts with the SDK's class. */
  readonly paths: readonly string[];
  run(inputs: PropertyMap): CheckFailure[];
}

function each(path: string, fault: (value: PropertyValue) => string | undefined): Check {
  return {
    paths: [path],
    run: (inputs) =>
      select(inputs, path).flatMap((located) => {
        const reason = fault(located.value);
        return reason === undefined ? [] : [{ property: located.path, reason }];
      }),
  };
}

/** Text of a certain form; `meaning` completes "must …". */
export function pattern(path: string, form: RegExp, meaning: string): Check {
  return each(path, (value) => (typeof value === 'string' && !form.test(value) ? `"${value}" must ${meaning}` : undefined));
}

/** Length of a text in characters or of a list in members. */
export function length(path: string, least: number, most: number): Check {
  return each(path, (value) => {
    if (typeof value !== 'string' && !Array.isArray(value)) return undefined;
    const what = typeof value === 'string' ? 'characters' : 'members';
    return value.length < least || value.length > most ? `must have ${least} to ${most} ${what}, has ${value.length}` : undefined;
  });
}

/** A whole number within bounds. Numbers may arrive as text, as the SDK allows it for ports. */
export function range(path: string, least: number, most: number): Check {
  return each(path, (value) => {
    const given = typeof value === 'string' ? Number(value) : value;
    if (typeof given !== 'number') return undefined;
    return !Number.isInteger(given) || given < least || given > most ? `must be a whole number from ${least} to ${most}, is ${given}` : undefined;
  });
}

export function oneOf(path: string, allowed: readonly (string | number)[]): Check {
  return each(path, (value) =>
    (typeof value === 'string' || typeof value === 'number') && !allowed.includes(value) ? `must be one of ${allowed.join(', ')}; is ${value}` : undefined,
  );
}

/** An IPv4 range without host bits whose prefix has a certain length. */
export function cidr(path: string, shortest: number, longest: number): Check {
  return each(path, (value) => {
    if (typeof value !== 'string') return undefined;
    const parsed = Cidr.parse(value);
    if (parsed === undefined) return `"${value}" is not a valid IPv4 CIDR block`;
    if (parsed.hasHostBits) return `"${value}" has bits set beyond its prefix; did you mean ${parsed.text}?`;
    return parsed.prefix < shortest || parsed.prefix > longest ? `the prefix of ${value} must be between /${shortest} and /${longest}` : undefined;
  });
}

/** A JSON object, with at most so many characters without white space (how IAM counts). */
export function json(path: string, most = Number.POSITIVE_INFINITY): Check {
  return each(path, (value) => {
    if (typeof value !== 'string') return undefined;
    try {
      const parsed: unknown = JSON.parse(value);
      if (typeof parsed !== 'object' || parsed === null) return 'must be a JSON object';
    } catch (error) {
      return `contains an invalid JSON: ${error instanceof Error ? error.message : String(error)}`;
    }
    const size = value.replace(/\s/g, '').length;
    return size > most ? `must not exceed ${most} characters, has ${size}` : undefined;
  });
}

/** Exactly one of several properties must be there, known or not. */
export function exactlyOne(...names: readonly string[]): Check {
  return {
    paths: names,
    run(inputs) {
      const given = names.filter((name) => inputs[name] !== undefined);
      return given.length === 1 ? [] : [{ property: '', reason: `exactly one of ${names.join(', ')} must be specified, got ${given.join(', ') || 'none'}` }];
    },
  };
}

/** Of several properties at most one may be there. */
export function atMostOne(...names: readonly string[]): Check {
  return {
    paths: names,
    run(inputs) {
      const given = names.filter((name) => inputs[name] !== undefined);
      return given.length <= 1 ? [] : [{ property: given[0] ?? '', reason: `conflicts with ${given.slice(1).join(', ')}` }];
    },
  };
}

/** Any other rule about known inputs: `find` returns the reason, or undefined when all is well. */
export function rule(paths: readonly [string, ...string[]], find: (inputs: PropertyMap) => string | undefined): Check {
  return {
    paths,
    run(inputs) {
      const reason = find(inputs);
      return reason === undefined ? [] : [{ property: paths[0], reason }];
    },
  };
}
