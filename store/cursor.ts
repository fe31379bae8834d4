import { ClusterwrightError } from '../model/errors.js';

/** Which list a cursor belongs to. */
export type List = 'clusters' | 'jobs' | 'deliveries' | 'audit';

/** The cursor behind an item: opaque to callers, and stable while other items come and go, because it names the item and not a count. */
export function cursorBehind(list: List, item: string): string {
  return Buffer.from(`${list}:${item}`).toString('base64url');
}

/** The item that a cursor stands behind. Throws `invalid-parameter` for what no page has given. */
export function itemBefore(list: List, cursor: string): string {
  const [name, item, ...rest] = Buffer.from(cursor, 'base64url').toString('utf8').split(':');
  const form = list === 'audit' ? /^[0-9]{1,16}-[0-9]{1,16}$/ : /^[A-Za-z0-9-]+$/;
  if (name !== list || item === undefined || !form.test(item) || rest.length > 0) {
    throw new ClusterwrightError('invalid-parameter', 'The cursor is not one that a page of this list has given.');
  }
  return item;
}
