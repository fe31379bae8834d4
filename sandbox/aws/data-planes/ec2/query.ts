import type { Item } from '../../../inventory/item.js';
import { tagMap } from '../../../inventory/tags.js';
import type { Cloud } from '../../cloud.js';
import { element } from '../wire.js';

/** Where a request goes. */
export interface Ec2Context {
  readonly cloud: Cloud;
  readonly region: string;
}

/** `InstanceId.1=…&InstanceId.2=…` */
export function numbered(form: URLSearchParams, prefix: string): string[] {
  const values: string[] = [];
  for (let index = 1; ; index += 1) {
    const value = form.get(`${prefix}.${index}`);
    if (value === null) return values;
    values.push(value);
  }
}

/** `Filter.1.Name=…&Filter.1.Value.1=…`: all must match, each by one of its values. */
export function filtersOf(form: URLSearchParams): { name: string; values: string[] }[] {
  const count = [...form.keys()].filter((key) => /^Filter\.\d+\.Name$/.test(key)).length;
  return Array.from({ length: count }, (_, index) => ({ name: form.get(`Filter.${index + 1}.Name`) ?? '', values: numbered(form, `Filter.${index + 1}.Value`) }));
}

/** What an item has for a filter by tag; undefined for any other filter. */
export function tagValues(item: Item, filter: string): string[] | undefined {
  const tags = tagMap(item.outputs['tagsAll'] ?? item.outputs['tags']);
  if (filter.startsWith('tag:')) return [tags[filter.slice(4)] ?? []].flat();
  return filter === 'tag-key' ? Object.keys(tags) : undefined;
}

/** The tags of an item as EC2 shows them. */
export function tagSet(item: Item): string {
  const tags = Object.entries(tagMap(item.outputs['tagsAll'] ?? item.outputs['tags']));
  return element('tagSet', tags.map(([key, value]) => element('item', element('key', key) + element('value', value), 'elements')).join(''), 'elements');
}
