import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { World } from './world.js';

let world: World;
beforeAll(async () => { world = await World.open(); });
afterAll(() => world.close());

describe('the library on aws', () => {
  it('signs what the sandbox takes, and keeps conditions', async () => {
    await world.ground('lib');
    const node = await world.node('lib');
    const result = await node.library(`
      printf one > "$work/a"; printf two > "$work/b"; code=0
      object_put_if_absent rendezvous/x.json "$work/a"; first=$etag
      object_put_if_absent rendezvous/x.json "$work/b" || echo "absent $?"
      object_put_if_match rendezvous/x.json "$work/b" '"other"' || echo "match $?"
      object_put_if_match rendezvous/x.json "$work/b" "$first"; object_get rendezvous/x.json "$work/c"; cat "$work/c"; echo
      object_get rendezvous/none.json "$work/d" || echo "none $?"
      object_list rendezvous/
      printf 'a value\\n"quoted"' | secret_put control-plane/sa; secret_get control-plane/sa; echo
      printf k1 | secret_put_once control-plane/encryption-key; printf k2 | secret_put_once control-plane/encryption-key || echo "once $?"; secret_get control-plane/encryption-key; echo
      secret_get join/token || echo "secret $?"
    `);
    expect(result.stderr).toBe('');
    expect(result.stdout.split('\n')).toEqual(['absent 49', 'match 49', 'two', 'none 44', 'rendezvous/x.json', 'a value', '"quoted"', 'once 49', 'k1', 'secret 44', '']);
  });
});
