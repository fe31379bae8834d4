/** What a request is, for the conditions of role assignments. */
export interface ConditionContext {
  readonly action: string;
  /** `Blob.List` of a read. */
  readonly subOperation?: string;
  /** By source and name: `@Resource[…:path]`. */
  readonly attributes: Readonly<Record<string, string>>;
}

const token = /\s*(\(|\)|!|AND\b|OR\b|NOT\b|(?:Action|SubOperation)Matches\{'[^']*'\}|@(?:Resource|Request)\[[^\]]+\]\s+\w+\s+'[^']*')/y;

/**
 * Whether the condition of a role assignment holds: the part of Azure's language that actions, sub-operations and attributes of blobs need.
 * https://learn.microsoft.com/azure/role-based-access-control/conditions-format
 * @throws Error for what is not imitated
 */
export function holds(condition: string, context: ConditionContext): boolean {
  const tokens = tokensOf(condition);
  const value = disjunction(tokens, context);
  if (tokens.length > 0) throw new Error(`the sandbox does not understand the condition at ${tokens[0] ?? ''}`);
  return value;
}

function tokensOf(condition: string): string[] {
  const found: string[] = [];
  const text = condition.trim();
  for (token.lastIndex = 0; token.lastIndex < text.length; ) {
    const at = token.lastIndex;
    const match = token.exec(text)?.[1];
    if (match === undefined) throw new Error(`the sandbox does not understand the condition at ${text.slice(at, at + 40)}`);
    found.push(match);
  }
  return found;
}

// Both sides are always read: a parser may not stop early.
function disjunction(tokens: string[], context: ConditionContext): boolean {
  let value = conjunction(tokens, context);
  while (tokens[0] === 'OR') {
    tokens.shift();
    value = conjunction(tokens, context) || value;
  }
  return value;
}

function conjunction(tokens: string[], context: ConditionContext): boolean {
  let value = negation(tokens, context);
  while (tokens[0] === 'AND') {
    tokens.shift();
    value = negation(tokens, context) && value;
  }
  return value;
}

function negation(tokens: string[], context: ConditionContext): boolean {
  if (tokens[0] !== '!' && tokens[0] !== 'NOT') return single(tokens, context);
  tokens.shift();
  return !negation(tokens, context);
}

function single(tokens: string[], context: ConditionContext): boolean {
  const next = tokens.shift() ?? '';
  if (next === '(') {
    const value = disjunction(tokens, context);
    if (tokens.shift() !== ')') throw new Error('a parenthesis of the condition is not closed');
    return value;
  }
  const [, matcher, wanted = ''] = /^(Action|SubOperation)Matches\{'([^']*)'\}$/.exec(next) ?? [];
  if (matcher !== undefined) return (matcher === 'Action' ? context.action : context.subOperation)?.toLowerCase() === wanted.toLowerCase();
  const [, attribute = '', operator = '', literal = ''] = /^(@\w+\[[^\]]+\])\s+(\w+)\s+'([^']*)'$/.exec(next) ?? [];
  const value = context.attributes[attribute];
  switch (operator) {
    case 'StringEquals':
      return value === literal;
    case 'StringStartsWith':
      return value?.startsWith(literal) === true;
    default:
      throw new Error(`the sandbox does not imitate the condition operator ${operator}`);
  }
}
