import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { nodeStepSchema } from '../../../model/rendezvous.js';
import { AzureWorld } from './azure-world.js';
import type { TestNode } from './node.js';

let world: AzureWorld;
let controlPlane: TestNode;
let worker: TestNode;
beforeAll(async () => {
  world = await AzureWorld.open();
  controlPlane = await world.node({ index: 1 });
  worker = await world.node({ role: 'worker', pool: 'general', index: null });
});
afterAll(() => world.close());

describe('the library on azure', () => {
  it('keeps conditions, and its secrets in a vault for each set', async () => {
    const result = await controlPlane.library(`
      printf one > "$work/a"; printf two > "$work/b"
      object_put_if_absent rendezvous/x.json "$work/a"; first=$etag
      object_put_if_absent rendezvous/x.json "$work/b" || echo "absent $?"
      object_put_if_match rendezvous/x.json "$work/b" '"other"' || echo "match $?"
      object_put_if_match rendezvous/x.json "$work/b" "$first"; object_get rendezvous/x.json "$work/c"; cat "$work/c"; echo
      object_get rendezvous/none.json "$work/d" || echo "none $?"
      object_list rendezvous/
      printf 'a value\\n"quoted"' | secret_put control-plane/sa; secret_get control-plane/sa; echo
      printf k1 | secret_put_once control-plane/encryption-key; printf k2 | secret_put_once control-plane/encryption-key || echo "once $?"; secret_get control-plane/encryption-key; echo
      secret_get join/token || echo "secret $?"; printf t | secret_put join/planted
      node_address; echo; provider_id; echo
    `);

    expect(result.stderr).toBe('');
    expect(result.stdout.trim().split('\n')).toEqual([
      'absent 49', 'match 49', 'two', 'none 44', 'rendezvous/x.json', 'a value', '"quoted"', 'once 49', 'k1', 'secret 44', '10.30.0.11',
      'azure:///subscriptions/5ab5c0de-0000-4000-8000-000000000001/resourceGroups/pay/providers/Microsoft.Compute/virtualMachines/pay-node-1',
    ]);
  });

  it('lets a worker read the set join and write its step, and nothing else', async () => {
    const { stdout } = await worker.library(`
      secret_get join/planted; echo; step booted
      for name in control-plane/sa control-plane/encryption-key control-plane/none provisioner/client; do secret_get "$name" || echo "$name $?"; done
      printf s | secret_put join/planted || echo "put $?"
      object_get rendezvous/x.json "$work/x" || echo "claim $?"
      object_get "rendezvous/nodes/$node.json" "$work/x" || echo "own step $?"
      object_put_if_absent rendezvous/claims/other.json "$work/step" || echo "other $?"
      object_list rendezvous/ || echo "list $?"
    `);

    expect(stdout.trim().split('\n')).toEqual(['t', 'control-plane/sa 1', 'control-plane/encryption-key 1', 'control-plane/none 1', 'provisioner/client 1', 'put 1', 'claim 1', 'own step 1', 'other 1', 'list 1']);
    expect(nodeStepSchema.parse(world.object('rendezvous/nodes/pay-node-2.json'))).toMatchObject({ node: 'pay-node-2', step: 'booted', role: 'worker' });
  });

  it('gets no token without the header that servers are not tricked into', async () => {
    const imds = /^imds=(.*)$/m.exec((await worker.read('etc/clusterwright/image.d/endpoints')) ?? '')?.[1] ?? '';
    const token = `${imds}/metadata/identity/oauth2/token?api-version=2018-02-01&resource=https://vault.azure.net`;

    expect((await fetch(token)).status).toBe(400);
    expect((await fetch(token, { headers: { metadata: 'true', 'x-forwarded-for': '1.2.3.4' } })).status).toBe(400);
    expect((await fetch(token, { headers: { metadata: 'true' } })).status).toBe(200);
  });
});

describe('nodes on azure that start at once', () => {
  it('make one cluster', async () => {
    const second = await world.node({ index: 2 });

    const runs = await Promise.all([controlPlane, second, worker].map((node) => node.run('bootstrap.sh')));

    expect(runs.map(({ code }) => code)).toEqual([0, 0, 0]);
    expect(await world.members()).toEqual([['pay-node-1', 'pay-node-2', 'pay-node-3']]);
    expect(world.object('rendezvous/claims/initialiser.json')).toMatchObject({ state: 'published' });
    expect(world.object('openid/v1/jwks', 'issuer')).toMatchObject({ keys: [{}] });
  });
});
