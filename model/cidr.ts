import { Netmask } from 'netmask';

const parsed = new Map<string, Netmask | string>();

/** Parses an IPv4 network; answers what is wrong with it as a sentence where it is none. A spec's few networks are asked for many times. */
export function parseCidr(text: string): Netmask | string {
  const known = parsed.get(text);
  if (known !== undefined) return known;
  if (parsed.size >= 1000) parsed.clear();
  const network = parse(text);
  parsed.set(text, network);
  return network;
}

function parse(text: string): Netmask | string {
  if (!/^\d{1,3}(\.\d{1,3}){3}\/\d{1,2}$/.test(text)) return 'must be an IPv4 network such as "10.20.0.0/16"';
  try {
    const network = new Netmask(text);
    return network.base === text.split('/')[0] ? network : `must start at the network's first address: "${network.base}/${network.bitmask}"`;
  } catch {
    return 'must be an IPv4 network such as "10.20.0.0/16"';
  }
}

/** The network that `text` names. Throws where it is none: for text that a schema has let through. */
export function cidr(text: string): Netmask {
  const network = parseCidr(text);
  if (typeof network === 'string') throw new RangeError(`${text} ${network}`);
  return network;
}

/** Whether two networks share an address. */
export function overlaps(a: string, b: string): boolean {
  const [first, second] = [cidr(a), cidr(b)];
  return first.contains(second.base) || second.contains(first.base);
}

/**
 * The `index`-th network of `bits` prefix length within `network`, e.g. the 2nd /20 of a /16. Throws where the network has no such part.
 */
export function subnet(network: string, bits: number, index: number): string {
  const parent = cidr(network);
  const size = 2 ** (32 - bits);
  if (bits < parent.bitmask || (index + 1) * size > parent.size) throw new RangeError(`${network} has no part number ${index} of /${bits}`);
  const start = toNumber(parent.base) + index * size;
  return `${[start >>> 24, (start >>> 16) & 255, (start >>> 8) & 255, start & 255].join('.')}/${bits}`;
}

function toNumber(address: string): number {
  return address.split('.').reduce((sum, octet) => sum * 256 + Number(octet), 0);
}
