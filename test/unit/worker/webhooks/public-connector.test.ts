import type { LookupAddress } from 'node:dns';
import { describe, expect, it } from 'vitest';
import { allowedTargetsSchema, publicTargetsOnly, type AllowedTargets } from '../../../../model/webhook-targets.js';
import { checkedLookup, publicConnector, type Resolver } from '../../../../worker/webhooks/public-connector.js';

/** A resolver that knows one name's addresses. */
const resolving = (...addresses: string[]): Resolver => (_host, answer) => answer(null, addresses.map((address): LookupAddress => ({ address, family: address.includes(':') ? 6 : 4 })));

/** What a socket is told to dial, of all addresses and of one. */
async function dialled(resolve: Resolver, allowed: AllowedTargets = publicTargetsOnly, host = 'hooks.example.com'): Promise<unknown> {
  const look = (all: boolean): Promise<unknown> => new Promise((settle) => checkedLookup(allowed, resolve)(host, { all }, (error, address) => settle(error ? (error as { code?: unknown }).code : address)));
  const one = await look(false);
  const several = await look(true);
  return Array.isArray(several) ? { one, several: (several as LookupAddress[]).map(({ address }) => address) } : { one, several };
}

const refused = { one: 'REFUSED_ADDRESS', several: 'REFUSED_ADDRESS' };

describe('a name that a webhook has', () => {
  it.each(['127.0.0.1', '10.0.0.1', '169.254.169.254', '::1', '::ffff:127.0.0.1', '64:ff9b::7f00:1', 'fd00:ec2::254', '0.0.0.0'])('is not dialled at %s', async (address) => {
    expect(await dialled(resolving(address))).toEqual(refused);
  });

  it('is not dialled where the system\'s resolver says that it is this machine', async () => {
    const error = await new Promise((settle) => checkedLookup(publicTargetsOnly)('localhost', { all: true }, settle));
    expect(error).toMatchObject({ code: 'REFUSED_ADDRESS' });
  });

  it('is dialled at its public addresses only', async () => {
    expect(await dialled(resolving('10.0.0.1', '8.8.8.8', '::1', '2606:4700::1111'))).toEqual({ one: '8.8.8.8', several: ['8.8.8.8', '2606:4700::1111'] });
  });

  it('is dialled anywhere where its host or its network is allowed', async () => {
    expect(await dialled(resolving('10.0.0.1'), allowedTargetsSchema.parse('hooks.example.com'))).toEqual({ one: '10.0.0.1', several: ['10.0.0.1'] });
    expect(await dialled(resolving('10.0.0.1'), allowedTargetsSchema.parse('hooks.example.com'), 'Hooks.Example.com.')).toEqual({ one: '10.0.0.1', several: ['10.0.0.1'] });
    expect(await dialled(resolving('10.0.0.1', '10.9.0.1'), allowedTargetsSchema.parse('10.0.0.0/16'))).toEqual({ one: '10.0.0.1', several: ['10.0.0.1'] });
  });

  it('is looked up once for a connection: what is checked is what is dialled', async () => {
    const answers = ['127.0.0.1', '8.8.8.8'];
    let asked = 0;
    const changing: Resolver = (host, answer) => resolving(answers[asked++] ?? '')(host, answer);
    const connect = publicConnector(publicTargetsOnly, 1_000, changing);
    const error = await new Promise<Error | null>((settle) => connect({ hostname: 'rebinding.example.com', protocol: 'https:', port: '443' }, (...[failure]) => settle(failure)));
    expect(error).toMatchObject({ code: 'REFUSED_ADDRESS' });
    expect(asked).toBe(1);
  });

  it.each(['127.0.0.1', '[::1]', '169.254.169.254', '[::ffff:7f00:1]'])('that is the address %s is refused without a look-up', async (hostname) => {
    const connect = publicConnector(publicTargetsOnly, 1_000, () => expect.unreachable('an address needs no look-up'));
    const error = await new Promise<Error | null>((settle) => connect({ hostname, protocol: 'http:', port: '80' }, (...[failure]) => settle(failure)));
    expect(error).toMatchObject({ code: 'REFUSED_ADDRESS' });
  });
});
