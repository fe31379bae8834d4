import { describe, expect, it } from 'vitest';
import { checkDocument } from '../../../model/faults.js';
import { resolvePatch } from '../../../model/resolve.js';
import { addressFault, allowedTargetsSchema, publicTargetsOnly, targetFault } from '../../../model/webhook-targets.js';
import { webhooksSchema } from '../../../model/webhooks.js';
import { someSpec } from '../../support/records.js';
import { codeOf } from '../../support/codes.js';

const refusedAddresses: Readonly<Record<string, readonly string[]>> = {
  loopback: ['127.0.0.1', '127.255.0.1', '::1'],
  unspecified: ['0.0.0.0', '0.1.2.3', '::'],
  private: ['10.0.0.1', '172.16.0.1', '172.31.255.255', '192.168.1.1'],
  'unique local': ['fc00::1', 'fd12:3456::1'],
  'link-local': ['169.254.1.1', 'fe80::1', 'fe80::1%eth0'],
  'site-local': ['fec0::1'],
  'shared (CGNAT)': ['100.64.0.1', '100.127.255.255'],
  multicast: ['224.0.0.1', '239.255.255.255', 'ff02::1'],
  broadcast: ['255.255.255.255'],
  reserved: ['192.0.0.1', '192.0.2.1', '198.18.0.1', '198.51.100.1', '203.0.113.1', '240.0.0.1', '2001:db8::1', '100::1'],
  'cloud metadata': ['169.254.169.254', 'fd00:ec2::254', '100.100.100.200', '192.0.0.192', '168.63.129.16'],
  'IPv4-mapped': ['::ffff:127.0.0.1', '::ffff:8.8.8.8', '::ffff:a00:1'],
  'IPv4-compatible': ['::7f00:1', '::10.0.0.1'],
  'IPv4-translated': ['::ffff:0:7f00:1'],
  NAT64: ['64:ff9b::7f00:1', '64:ff9b::10.0.0.1', '64:ff9b:1::a00:1'],
  '6to4': ['2002:7f00:1::', '2002:a00:1::1'],
  Teredo: ['2001:0:7f00:1::1'],
};
const refused = Object.entries(refusedAddresses).flatMap(([kind, addresses]) => addresses.map((address) => ({ kind, address })));

describe('an address that a webhook may have', () => {
  it.each(refused)('is not $address ($kind)', ({ address }) => {
    expect(addressFault(address, publicTargetsOnly)).toContain('not a public one');
  });

  it.each(['8.8.8.8', '1.1.1.1', '172.32.0.1', '100.128.0.1', '168.63.129.15', '2606:4700::1111', '2a00:1450:4001::200e'])('is %s', (address) => {
    expect(addressFault(address, publicTargetsOnly)).toBeUndefined();
  });

  it('is one that the operators allow, and no other form of it', () => {
    const allowed = allowedTargetsSchema.parse('10.1.0.0/16, fd00::/8,127.0.0.1');
    for (const address of ['10.1.2.3', 'fd00::1', '127.0.0.1']) expect(addressFault(address, allowed), address).toBeUndefined();
    for (const address of ['10.2.0.1', '127.0.0.2', '::ffff:10.1.2.3', '::ffff:127.0.0.1']) expect(addressFault(address, allowed), address).toBeDefined();
  });
});

describe('a URL that a webhook may have', () => {
  it.each(refused.filter(({ address }) => !address.includes('%')))('does not name $address ($kind)', ({ address }) => {
    expect(targetFault(`https://${address.includes(':') ? `[${address}]` : address}/hooks`, publicTargetsOnly)).toContain('not a public one');
  });

  it.each(['https://127.1/', 'https://2130706433/', 'https://0x7f000001/', 'https://0177.0.0.1/', 'https://127.0.0.1./', 'https://①②⑦.0.0.1/'])('does not spell a private address as in %s', (url) => {
    expect(targetFault(url, publicTargetsOnly)).toContain('not a public one');
  });

  it.each([
    ['http://hooks.example.com/', /https/],
    ['ftp://hooks.example.com/', /https/],
    ['file:///etc/passwd', /https/],
    ['hooks.example.com', /absolute/],
    ['https://user@hooks.example.com/', /user name/],
    ['https://user:word@hooks.example.com/', /user name/],
    ['https://hooks.example.com:8443/', /port/],
    ['https://hooks.example.com/#part', /fragment/],
    ['https://localhost/', /this machine/],
    ['https://LOCALHOST./', /this machine/],
    ['https://a.localhost/', /this machine/],
  ])('is not %s', (url, reason) => {
    expect(targetFault(url, publicTargetsOnly)).toMatch(reason);
  });

  it.each(['https://hooks.example.com/', 'https://hooks.example.com:443/a?b=c', 'https://8.8.8.8/'])('is %s', (url) => {
    expect(targetFault(url, publicTargetsOnly)).toBeUndefined();
  });

  it('may be plain http on any port where the operators allow its host or its literal address', () => {
    const allowed = allowedTargetsSchema.parse('hooks.internal,127.0.0.0/8');
    for (const url of ['http://hooks.internal:8080/', 'https://hooks.internal:8443/', 'http://127.0.0.1:9/']) expect(targetFault(url, allowed), url).toBeUndefined();
    for (const url of ['http://other.internal/', 'http://a.hooks.internal/', 'http://10.0.0.1/', 'https://user@hooks.internal/']) expect(targetFault(url, allowed), url).toBeDefined();
  });
});

describe('the list of allowed targets', () => {
  it('names every entry that is none', () => {
    const { faults } = checkDocument(allowedTargetsSchema, 'hooks.internal, 10.0.0.0/40, https://x, 10.1, host:443');
    expect(faults?.map(({ detail }) => /"(.*)"/.exec(detail)?.[1])).toEqual(['10.0.0.0/40', 'https://x', '10.1', 'host:443']);
  });
});

describe('webhooks in a spec', () => {
  const context = { catalogue: new Map(), accounts: { default: { aws: { provider: 'aws' as const, accountId: '123456789012', reach: { type: 'public' as const } } } } };
  const spec = someSpec('a');
  const faultsOf = async (webhooks: readonly unknown[]): Promise<unknown> => codeOf(async () => resolvePatch(spec, { webhooks: webhooks as never }, context));

  it('are none unless they are given', () => {
    expect(spec.webhooks).toEqual([]);
  });

  it('are refused with the place of every fault', async () => {
    expect(await faultsOf([
      { url: 'https://hooks.example.com/', events: ['*'] },
      { url: 'https://10.0.0.1/', events: ['job.started'] },
      { url: 'http://hooks.example.com/', events: ['cluster.ready'] },
    ])).toEqual({ code: 'invalid-spec', pointers: ['/webhooks/1/url', '/webhooks/2/url'] });
    expect(await faultsOf([{ url: 'nonsense', events: [], secret: 'x' }])).toEqual({ code: 'invalid-spec', pointers: ['/webhooks/0/url', '/webhooks/0/events', '/webhooks/0/secret'] });
    expect(webhooksSchema.safeParse([{ url: 'https://hooks.example.com/', events: ['job.exploded'] }]).success).toBe(false);
  });

  it('change by a patch', () => {
    const webhooks = [{ url: 'https://hooks.example.com/', events: ['*' as const] }];
    expect(resolvePatch(spec, { webhooks }, context).webhooks).toEqual(webhooks);
    expect(resolvePatch({ ...spec, webhooks }, { webhooks: null }, context).webhooks).toEqual([]);
  });
});
