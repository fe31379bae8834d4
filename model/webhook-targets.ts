import ipaddr from 'ipaddr.js';
import { z } from 'zod';

/** Targets that webhooks may have although they are not public: hosts by their exact names, and networks. */
export interface AllowedTargets {
  readonly hosts: ReadonlySet<string>;
  readonly networks: readonly Network[];
}

type Address = ipaddr.IPv4 | ipaddr.IPv6;
type Network = readonly [Address, number];

/** Nothing but public targets. */
export const publicTargetsOnly: AllowedTargets = { hosts: new Set(), networks: [] };

const hostName = /^(?=.{1,253}$)[a-z0-9_]([a-z0-9_-]{0,61}[a-z0-9_])?(\.[a-z0-9_]([a-z0-9_-]{0,61}[a-z0-9_])?)*$/;

/** Reads a comma-separated list of hosts, addresses and networks in CIDR notation. */
export const allowedTargetsSchema = z.string().transform((text, context): AllowedTargets => {
  const entries = text.split(',').map((entry) => entry.trim().toLowerCase()).filter((entry) => entry !== '');
  const networks: Network[] = [];
  const hosts = new Set<string>();
  for (const entry of entries) {
    const network = networkOf(entry);
    if (network) networks.push(network);
    // What ends in digits after a dot is an address to every URL parser, so it cannot name a host.
    else if (hostName.test(entry) && !/(^|\.)(\d+|0x[0-9a-f]*)$/.test(entry)) hosts.add(entry);
    else context.addIssue({ code: 'custom', message: `has "${entry}", which is neither a host, an address nor a network in CIDR notation` });
  }
  return { hosts, networks };
});

function networkOf(entry: string): Network | undefined {
  if (ipaddr.IPv4.isValidFourPartDecimal(entry) || ipaddr.IPv6.isValid(entry)) {
    const address = ipaddr.parse(entry);
    return [address, address.kind() === 'ipv4' ? 32 : 128];
  }
  return ipaddr.isValidCIDR(entry) && (entry.includes(':') || /^\d+\.\d+\.\d+\.\d+\//.test(entry)) ? ipaddr.parseCIDR(entry) : undefined;
}

/** The host of a URL as it is compared: without the brackets of IPv6 and the dot of absolute names. */
export function hostOf(url: URL): string {
  return url.hostname.toLowerCase().replace(/^\[|\]$/g, '').replace(/\.+$/, '');
}

/**
 * What is wrong with a URL as a webhook's target, or undefined. Names are not looked up here: the address that one resolves to is checked when it
 * is dialled. URL parsing has made addresses of other spellings (`127.1`, `0x7f000001`) plain.
 */
export function targetFault(text: string, allowed: AllowedTargets): string | undefined {
  if (!URL.canParse(text)) return 'must be an absolute https URL';
  const url = new URL(text);
  if (url.protocol !== 'https:' && url.protocol !== 'http:') return 'must be an https URL';
  if (url.username !== '' || url.password !== '') return 'must not hold a user name or password';
  if (text.includes('#')) return 'must not have a fragment';
  const host = hostOf(url);
  const literal = ipaddr.isValid(host);
  if (isAllowedHost(host, allowed) || (literal && isAllowedAddress(host, allowed))) return undefined;
  if (url.protocol !== 'https:') return 'must be an https URL: plain http is for targets that the operators of the service allow by name';
  if (url.port !== '') return `must have no port but 443: port ${url.port} is for targets that the operators of the service allow by name`;
  if (host === 'localhost' || host.endsWith('.localhost')) return 'must not name this machine';
  return literal ? addressFault(host, allowed) : undefined;
}

/** Whether a host is allowed by its name, whatever it resolves to. */
export function isAllowedHost(host: string, allowed: AllowedTargets): boolean {
  return allowed.hosts.has(host);
}

function isAllowedAddress(address: string, allowed: AllowedTargets): boolean {
  const parsed = ipaddr.parse(address);
  return allowed.networks.some(([network, bits]) => network.kind() === parsed.kind() && parsed.match(network, bits));
}

/**
 * Addresses that look public and are not: they answer every machine of a cloud with its metadata or the keys to it. All others of the kind are
 * link-local, private or shared (169.254.169.254, fd00:ec2::254, 100.100.100.200, 192.0.0.192).
 */
const metadata = new Set(['168.63.129.16']);

/** Global unicast, the only part of IPv6 that is handed out (RFC 4291, 2.4). */
const globalUnicast: Network = [ipaddr.parse('2000::'), 3];

/**
 * Why an address must not be dialled, or undefined. Only public unicast is left: no loopback, private, link-local, shared, multicast or reserved range, and
 * no IPv6 form that stands for an IPv4 address (mapped, NAT64, 6to4, Teredo).
 */
export function addressFault(text: string, allowed: AllowedTargets): string | undefined {
  if (!ipaddr.isValid(text)) return 'is not an address';
  if (isAllowedAddress(text, allowed)) return undefined;
  const address = ipaddr.parse(text);
  const isPublic = address.range() === 'unicast' && !metadata.has(address.toString()) && (address.kind() === 'ipv4' || address.match(globalUnicast[0], globalUnicast[1]));
  return isPublic ? undefined : `must not be the address ${text}, which is not a public one`;
}
