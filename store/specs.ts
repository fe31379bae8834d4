import { clusterSpecSchema, type ClusterSpec } from '../model/spec.js';
import { parse, parseJson } from './parsing.js';

/** Specs that are kept parsed: more than most fleets have, since workers go through all of theirs several times a minute. One takes about 5 KiB. */
const most = 5_000;

/** Parsed specs by their texts, in the order in which they were first read. */
const parsed = new Map<string, ClusterSpec>();

/**
 * A spec out of its text. Parsing it is most of the work of reading a job, and polling reads the same few over and over; so the last ones are
 * kept. They are shared between readers, and therefore frozen.
 */
export function specFrom(text: string): ClusterSpec {
  const known = parsed.get(text);
  if (known !== undefined) return known;
  const spec = frozen(parse(parseJson(text, 'stored spec'), 'stored spec', clusterSpecSchema));
  const [oldest] = parsed.keys();
  if (parsed.size >= most && oldest !== undefined) parsed.delete(oldest);
  parsed.set(text, spec);
  return spec;
}

function frozen<Value>(value: Value): Value {
  if (typeof value === 'object' && value !== null) Object.values(value).forEach(frozen);
  return Object.freeze(value);
}
