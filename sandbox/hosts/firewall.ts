/** Who may send what, in the words that all clouds share. The first rule that fits decides; where none fits it is no. */
export interface Policy {
  /** Addresses that it holds for. One that is in several must be let through by all. */
  readonly members: readonly string[];
  readonly inbound: readonly Rule[];
  readonly outbound: readonly Rule[];
}

export interface Rule {
  readonly allow: boolean;
  readonly protocol: 'tcp' | 'udp' | 'icmp' | 'esp' | 'ah' | 'any';
  /** First and last port, of TCP and UDP; null: all. */
  readonly ports: readonly [number, number] | null;
  /** Addresses and CIDRs of the other end. */
  readonly peers: readonly string[];
}

/**
 * The policies of a network as a ruleset of nftables for its router. Answers to what was let through pass. What is nobody's under a policy (the cloud's own
 * services) may send and be sent everything.
 * @param free addresses that everybody may send to: metadata and name servers, which the clouds leave open
 */
export function firewall(policies: readonly Policy[], free: readonly string[]): string {
  const used = policies.filter(({ members }) => members.length > 0);
  const chains = used.flatMap(({ inbound, outbound }, index) => [chain(`in-${index}`, inbound, 'saddr'), chain(`out-${index}`, outbound, 'daddr')]);
  const dispatch = used.flatMap(({ members }, index) => [`ip saddr ${set(members)} jump out-${index}`, `ip daddr ${set(members)} jump in-${index}`]);
  const judge = ['ct state established,related accept', ...(free.length > 0 ? [`ip daddr ${set(free)} accept`] : []), ...dispatch];
  const hooks = ['input', 'forward', 'output'].map((hook) => `  chain ${hook} {\n    type filter hook ${hook} priority filter; policy accept;\n    jump judge\n  }\n`);
  return `table ip cloud {\n${[...chains, block('judge', judge), ...hooks].join('')}}\n`;
}

function chain(name: string, rules: readonly Rule[], end: 'saddr' | 'daddr'): string {
  return block(name, [...rules.flatMap((rule) => lineOf(rule, end)), 'drop']);
}

function block(name: string, lines: readonly string[]): string {
  return `  chain ${name} {\n${lines.map((line) => `    ${line}\n`).join('')}  }\n`;
}

/** Nothing where there is no other end: a group without members. */
function lineOf({ allow, protocol, ports, peers }: Rule, end: 'saddr' | 'daddr'): string[] {
  if (peers.length === 0) return [];
  const everybody = peers.includes('0.0.0.0/0');
  const what = protocol === 'any' ? [] : ports === null ? [`meta l4proto ${protocol}`] : [`${protocol} dport ${ports[0]}-${ports[1]}`];
  return [[...(everybody ? [] : [`ip ${end} ${set(peers)}`]), ...what, allow ? 'return' : 'drop'].join(' ')];
}

function set(addresses: readonly string[]): string {
  return `{ ${[...new Set(addresses)].sort().join(', ')} }`;
}
