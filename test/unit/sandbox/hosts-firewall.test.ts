import { spawnSync } from 'node:child_process';
import { describe, expect, it } from 'vitest';
import { firewall, type Policy, type Rule } from '../../../sandbox/hosts/firewall.js';

const rule = (peers: readonly string[], more: Partial<Rule> = {}): Rule => ({ allow: true, protocol: 'tcp', ports: [443, 443], peers, ...more });
const policy = (members: readonly string[], inbound: readonly Rule[], outbound: readonly Rule[] = []): Policy => ({ members, inbound, outbound });
const chain = (text: string, name: string): string[] => (new RegExp(`  chain ${name} \\{\\n([^}]*(?:\\{[^}]*\\}[^}]*)*?)\\n  \\}`).exec(text)?.[1] ?? '').split('\n').map((line) => line.trim());

describe('firewall of a network of hosts', () => {
  it('keeps the order of rules, and drops what none of them is about', () => {
    const text = firewall([policy(['10.0.0.4'], [rule(['10.0.0.9'], { allow: false }), rule(['10.0.0.0/16'])])], []);

    expect(chain(text, 'in-0')).toEqual(['ip saddr { 10.0.0.9 } tcp dport 443-443 drop', 'ip saddr { 10.0.0.0/16 } tcp dport 443-443 return', 'drop']);
    expect(chain(text, 'out-0')).toEqual(['drop']);
  });

  it('asks every policy that an address is under', () => {
    const text = firewall([policy(['10.0.0.4', '10.0.0.5'], [rule(['0.0.0.0/0'])]), policy(['10.0.0.4'], [])], []);

    expect(chain(text, 'judge')).toEqual([
      'ct state established,related accept',
      'ip saddr { 10.0.0.4, 10.0.0.5 } jump out-0', 'ip daddr { 10.0.0.4, 10.0.0.5 } jump in-0', 'ip saddr { 10.0.0.4 } jump out-1', 'ip daddr { 10.0.0.4 } jump in-1',
    ]);
  });

  it('lets everybody send to a free address, and what comes from there be judged', () => {
    const text = firewall([policy(['10.0.0.4'], [])], ['168.63.129.16', '169.254.169.254']);

    expect(chain(text, 'judge').slice(1, 3)).toEqual(['ip daddr { 168.63.129.16, 169.254.169.254 } accept', 'ip saddr { 10.0.0.4 } jump out-0']);
  });

  it('leaves out a rule without another end, and a policy without members', () => {
    const text = firewall([policy([], [rule(['10.0.0.9'])]), policy(['10.0.0.4'], [rule([])])], []);

    expect(chain(text, 'in-0')).toEqual(['drop']);
    expect(text).not.toContain('in-1');
  });

  it('is understood by nftables, with every protocol and with ranges that lie in each other', () => {
    const protocols = (['tcp', 'udp', 'icmp', 'esp', 'ah', 'any'] as const).map((protocol) => rule(['10.0.0.0/8', '10.1.0.0/16', '10.1.0.4'], { protocol, ports: protocol === 'tcp' || protocol === 'udp' ? [30_000, 32_767] : null }));
    const text = firewall([policy(['10.0.0.4'], protocols, [...protocols, rule(['0.0.0.0/0'])]), policy(['10.0.0.5', '10.0.0.4'], [])], ['169.254.169.254']);

    // In a network namespace of its own, which needs root on Linux: the machine's own filters stay as they are.
    const load = (input: string) => spawnSync('unshare', ['--net', 'nft', '--file', '-'], { input, encoding: 'utf8' });
    const { status, stderr } = load(text);
    expect({ status, stderr }).toEqual({ status: 0, stderr: '' });
    expect(load(text.replace('saddr', 'sadr')).status).not.toBe(0);
  });
});
