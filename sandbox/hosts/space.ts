import { createHash } from 'node:crypto';
import { command } from './commands.js';

/** A host's place in a network. */
export interface Place {
  /** Namespace of the host. */
  readonly space: string;
  readonly address: string;
  /** The subnet that the host thinks it shares with its neighbours. */
  readonly prefixLength: number;
  /** The subnet's router. */
  readonly gateway: string;
}

/**
 * A virtual network of a cloud: a network namespace that is the router between its hosts. Each host has a link of its own to it and no way around it, so
 * that what the network forbids is forbidden to neighbours in a subnet too.
 */
export class Space {
  constructor(readonly name: string) {}

  /** Makes it, or takes it as it is. */
  async open(): Promise<void> {
    if (await exists(this.name)) return;
    await command('ip', ['netns', 'add', this.name]);
    await this.inside('ip', ['link', 'set', 'lo', 'up']);
    await this.inside('sysctl', ['--quiet', '--write', 'net.ipv4.ip_forward=1', 'net.ipv4.conf.all.send_redirects=0', 'net.ipv4.conf.default.send_redirects=0', 'net.ipv4.conf.default.proxy_arp=1', 'net.ipv4.conf.all.rp_filter=0', 'net.ipv4.conf.default.rp_filter=0']);
  }

  /** Gives the router an address of its own: a load balancer's, a service's. */
  async claim(address: string): Promise<void> {
    await this.inside('ip', ['address', 'replace', `${address}/32`, 'dev', 'lo']);
  }

  /** Links a host. Its namespace is made, and named as the place says. */
  async attach({ space, address, prefixLength, gateway }: Place): Promise<void> {
    const link = linkOf(space);
    if (!(await exists(space))) await command('ip', ['netns', 'add', space]);
    await command('ip', ['link', 'add', link, 'netns', this.name, 'type', 'veth', 'peer', 'name', 'eth0', 'netns', space]);
    // Answers in the name of neighbours come late by default.
    await this.inside('sysctl', ['--quiet', '--write', `net.ipv4.neigh.${link}.proxy_delay=0`]);
    await this.inside('ip', ['link', 'set', link, 'up']);
    await this.inside('ip', ['route', 'replace', `${address}/32`, 'dev', link]);
    await this.claim(gateway);
    await command('ip', ['-netns', space, '-batch', '-'], [
      'link set lo up', `address add ${address}/${prefixLength} dev eth0`, 'link set eth0 up', `route add default via ${gateway}`, '',
    ].join('\n'));
  }

  /** Takes a host's link and namespace away. */
  async detach(space: string): Promise<void> {
    if (await exists(space)) await command('ip', ['netns', 'delete', space]);
  }

  /** Puts packet filters in place of those that are there: a text for nft. */
  async filter(rules: string): Promise<void> {
    await this.inside('nft', ['--file', '-'], `flush ruleset\n${rules}`);
  }

  /** Runs a command within the router. */
  inside(program: string, args: readonly string[], input?: string): Promise<string> {
    return command('ip', ['netns', 'exec', this.name, program, ...args], input);
  }

  async close(): Promise<void> {
    if (await exists(this.name)) await command('ip', ['netns', 'delete', this.name]);
  }
}

async function exists(name: string): Promise<boolean> {
  const listed = await command('ip', ['netns', 'list']);
  return listed.split('\n').some((line) => line.split(' ')[0] === name);
}

/** The router's end of a host's link; interfaces have short names. */
function linkOf(space: string): string {
  return `h${createHash('sha256').update(space).digest('hex').slice(0, 12)}`;
}
