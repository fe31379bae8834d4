import type { PropertyMap, PropertyValue } from '../../protocol/values.js';
import { objects, text, texts } from '../../provider/properties.js';
import type { AwsFunction } from './aws-function.js';

/** Renders an IAM policy document as the real data source does: single values unwrapped, conditions grouped by test. */
export const getPolicyDocument: AwsFunction = (args) => {
  const sources = texts(args, 'sourcePolicyDocuments').flatMap(statementsOf);
  const own = objects(args, 'statements').map(statement);
  const overrides = texts(args, 'overridePolicyDocuments').flatMap(statementsOf);
  const policyId = text(args, 'policyId');
  const document = {
    Version: text(args, 'version') ?? '2012-10-17',
    ...(policyId === undefined ? {} : { Id: policyId }),
    Statement: merged([...sources, ...own], overrides),
  };
  const minifiedJson = JSON.stringify(document);
  return { id: String(hash(minifiedJson)), json: JSON.stringify(document, null, 2), minifiedJson };
};

/** Statements with the same Sid are replaced by those of later documents. */
function merged(base: readonly PropertyMap[], overrides: readonly PropertyMap[]): PropertyMap[] {
  const kept = base.filter(({ Sid }) => Sid === undefined || !overrides.some((override) => override['Sid'] === Sid));
  return [...kept, ...overrides];
}

function statementsOf(document: string): PropertyMap[] {
  const { Statement } = JSON.parse(document) as { Statement?: PropertyMap | PropertyMap[] };
  return Statement === undefined ? [] : Array.isArray(Statement) ? Statement : [Statement];
}

function statement(given: PropertyMap): PropertyMap {
  const sid = text(given, 'sid');
  return {
    ...(sid === undefined ? {} : { Sid: sid }),
    Effect: text(given, 'effect') ?? 'Allow',
    ...member('Action', texts(given, 'actions')),
    ...member('NotAction', texts(given, 'notActions')),
    ...member('Resource', texts(given, 'resources')),
    ...member('NotResource', texts(given, 'notResources')),
    ...principals('Principal', objects(given, 'principals')),
    ...principals('NotPrincipal', objects(given, 'notPrincipals')),
    ...conditions(objects(given, 'conditions')),
  };
}

function member(name: string, values: readonly string[]): PropertyMap {
  return values.length === 0 ? {} : { [name]: unwrapped(values) };
}

function unwrapped(values: readonly string[]): PropertyValue {
  const [first, ...others] = [...values].sort().reverse();
  return first !== undefined && others.length === 0 ? first : [first ?? '', ...others];
}

function principals(name: string, given: readonly PropertyMap[]): PropertyMap {
  if (given.length === 0) return {};
  if (given.some((one) => text(one, 'type') === '*')) return { [name]: '*' };
  const byType = new Map<string, string[]>();
  for (const one of given) byType.set(text(one, 'type') ?? '', [...(byType.get(text(one, 'type') ?? '') ?? []), ...texts(one, 'identifiers')]);
  return { [name]: Object.fromEntries([...byType].map(([type, values]) => [type, unwrapped(values)])) };
}

function conditions(given: readonly PropertyMap[]): PropertyMap {
  if (given.length === 0) return {};
  const byTest: Record<string, PropertyMap> = {};
  for (const one of given) {
    const test = text(one, 'test') ?? '';
    byTest[test] = { ...byTest[test], [text(one, 'variable') ?? '']: unwrapped(texts(one, 'values')) };
  }
  return { Condition: byTest };
}

/** The real data source's id is a CRC of the text; any stable number serves. */
function hash(content: string): number {
  return [...content].reduce((sum, character) => (sum * 31 + (character.codePointAt(0) ?? 0)) >>> 0, 7);
}
