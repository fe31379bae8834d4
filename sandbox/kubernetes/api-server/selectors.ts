import { stringAt, type KubeObject } from '../json.js';
import { badRequest } from './status-error.js';

/** Whether an object is selected. */
export type Selection = (object: KubeObject) => boolean;

const requirement = /^(?<key>[^\s!=,()]+)\s*(?:(?<operator>=|==|!=)\s*(?<value>[^\s!=,()]*)|\s(?<set>in|notin)\s*\((?<values>[^()]*)\))?$/;

/**
 * A label selector as in a query: `a=b`, `a!=b`, `a`, `!a`, `a in (b,c)`, `a notin (b)`, joined by commas.
 * @throws StatusError 400 for anything else.
 */
export function labelSelection(selector: string): Selection {
  const tests = splitOutsideParentheses(selector).map(labelTest);
  return (object) => tests.every((test) => test(object.metadata.labels ?? {}));
}

function labelTest(text: string): (labels: Readonly<Record<string, string>>) => boolean {
  if (text.startsWith('!')) return (labels) => !(text.slice(1).trim() in labels);
  const groups = requirement.exec(text)?.groups;
  const key = groups?.['key'];
  if (groups === undefined || key === undefined) throw badRequest(`unable to parse requirement: "${text}"`);
  const values = (groups['values'] ?? '').split(',').map((value) => value.trim());
  if (groups['set'] === 'in') return (labels) => key in labels && values.includes(labels[key] ?? '');
  if (groups['set'] === 'notin') return (labels) => !(key in labels) || !values.includes(labels[key] ?? '');
  if (groups['operator'] === '!=') return (labels) => labels[key] !== groups['value'];
  if (groups['operator'] !== undefined) return (labels) => labels[key] === groups['value'];
  return (labels) => key in labels;
}

function splitOutsideParentheses(selector: string): string[] {
  return selector.split(/,(?![^(]*\))/).map((part) => part.trim()).filter((part) => part !== '');
}

/**
 * A field selector: `metadata.name` and `metadata.namespace`, `type` of Secrets and `spec.nodeName` of Pods, with `=`, `==` or `!=`.
 * @throws StatusError 400 for other fields.
 */
export function fieldSelection(selector: string): Selection {
  const tests = selector.split(',').filter((part) => part !== '').map((part): Selection => {
    const match = /^(metadata\.name|metadata\.namespace|type|spec\.nodeName)(!=|==|=)(.*)$/.exec(part);
    if (match === null) throw badRequest(`field label not supported: ${part}`);
    const [, field = '', operator, value = ''] = match;
    return (object) => (fieldOf(object, field) === value) === (operator !== '!=');
  });
  return (object) => tests.every((test) => test(object));
}

function fieldOf(object: KubeObject, field: string): unknown {
  if (field === 'metadata.name') return object.metadata.name;
  if (field === 'spec.nodeName') return stringAt(object, 'spec', 'nodeName') ?? '';
  return field === 'type' ? object['type'] : (object.metadata.namespace ?? '');
}
