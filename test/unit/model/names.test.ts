import { describe, expect, it } from 'vitest';
import { overlaps, parseCidr, subnet } from '../../../model/cidr.js';
import { newUid } from '../../../model/ids.js';
import { clusterNamePattern, physicalName, uidPattern } from '../../../model/names.js';

describe('physical names', () => {
  const longest = { name: 'a'.repeat(24), uid: 'u12345abcdef' };

  it('consist of the cluster, six characters of its uid and the part', () => {
    expect(physicalName({ name: 'payments', uid: 'u12345abcdef' }, 'api')).toBe('payments-u12345-api');
  });

  it.each([[32, 'api-public'], [63, 'backups'], [64, 'control-plane']])('stay within %i characters for the longest cluster name', (limit, part) => {
    const name = physicalName(longest, part, limit);
    expect(name.length).toBeLessThanOrEqual(limit);
    expect(name.endsWith(`-u12345-${part}`)).toBe(true);
  });

  it('never end the shortened name with two hyphens', () => {
    expect(physicalName({ name: 'abc-def-ghi-jkl', uid: 'u12345abcdef' }, 'x'.repeat(13), 25)).toBe(`abc-u12345-${'x'.repeat(13)}`);
  });

  it('refuse a part that leaves no room', () => {
    expect(() => physicalName(longest, 'x'.repeat(30), 32)).toThrow(RangeError);
  });

  it.each(['a', 'a1', 'payments-prod', 'a'.repeat(24)])('"%s" is a cluster name', (name) => expect(name).toMatch(clusterNamePattern));
  it.each(['', '1a', '-a', 'a-', 'A', 'a_b', 'a'.repeat(25), 'a.b'])('"%s" is none', (name) => expect(name).not.toMatch(clusterNamePattern));

  it('uids differ and start with a letter', () => {
    const uids = Array.from({ length: 500 }, newUid);
    expect(new Set(uids).size).toBe(500);
    for (const uid of uids) expect(uid).toMatch(uidPattern);
  });
});

describe('networks', () => {
  it.each([['10.20.0.0/16', '10.20.128.0/17', true], ['10.20.0.0/16', '10.21.0.0/16', false], ['10.96.0.0/12', '10.111.255.0/24', true]])('%s and %s overlap: %s', (a, b, expected) => {
    expect(overlaps(a, b)).toBe(expected);
    expect(overlaps(b, a)).toBe(expected);
  });

  it('are parted into subnets', () => {
    expect([0, 1, 15].map((index) => subnet('10.20.0.0/16', 20, index))).toEqual(['10.20.0.0/20', '10.20.16.0/20', '10.20.240.0/20']);
    expect(subnet('192.168.0.0/16', 24, 255)).toBe('192.168.255.0/24');
    expect(() => subnet('10.20.0.0/16', 20, 16)).toThrow(RangeError);
  });

  it.each(['10.0.0.0', '10.0.0.0/33', '10.0.0/8', '300.0.0.0/8', '10.0.0.0/-1', 'fd00::/8', ' 10.0.0.0/8', '010.0.0.0/8'])('"%s" is none', (text) => {
    expect(typeof parseCidr(text)).toBe('string');
  });
});
