import { randomUUID } from 'node:crypto';
import type { Item } from '../../inventory/item.js';
import { tagMap } from '../../inventory/tags.js';
import { element } from './wire.js';

/** The answer of AWS's query protocol: `<ActionResponse><ActionResult>…`. */
export function queryResult(action: string, namespace: string, content: string): string {
  return `<${action}Response xmlns="${namespace}">${element(`${action}Result`, content, 'elements')}${element('ResponseMetadata', element('RequestId', randomUUID()), 'elements')}</${action}Response>`;
}

/** `Name.member.1=…&Name.member.2=…` */
export function members(form: URLSearchParams, name: string): string[] {
  const values: string[] = [];
  for (let index = 1; ; index += 1) {
    const value = form.get(`${name}.member.${index}`);
    if (value === null) return values;
    values.push(value);
  }
}

/** A list of elements in a `member` each. */
export function memberList(name: string, contents: readonly string[]): string {
  return element(name, contents.map((content) => element('member', content, 'elements')).join(''), 'elements');
}

/** An item's tags as a list of Key and Value. */
export function tagList(item: Item): string {
  return memberList('Tags', Object.entries(tagMap(item.outputs['tagsAll'] ?? item.outputs['tags'])).map(([key, value]) => element('Key', key) + element('Value', value)));
}
