import { describe, expect, it } from 'vitest';
import { cursorBehind, itemBefore } from '../../../store/cursor.js';

describe('a cursor', () => {
  it('stands behind the item it was made for', () => {
    expect(itemBefore('clusters', cursorBehind('clusters', 'payments-prod'))).toBe('payments-prod');
    expect(itemBefore('jobs', cursorBehind('jobs', '01J00000000000000000000000'))).toBe('01J00000000000000000000000');
  });

  it('is safe in a query string', () => {
    expect(cursorBehind('clusters', 'payments-prod')).toMatch(/^[A-Za-z0-9_-]+$/);
  });

  it.each(['', 'abc', '%%', cursorBehind('jobs', 'x'), cursorBehind('clusters', ''), cursorBehind('clusters', 'a:b'), cursorBehind('clusters', '[a')])('is refused as %j', (cursor) => {
    expect(() => itemBefore('clusters', cursor)).toThrow(expect.objectContaining({ code: 'invalid-parameter' }));
  });
});
