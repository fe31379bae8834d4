import { lookup as systemLookup, type LookupAddress } from 'node:dns';
import { isIP, type LookupFunction } from 'node:net';
import { buildConnector } from 'undici';
import { addressFault, isAllowedHost, type AllowedTargets } from '../../model/webhook-targets.js';

/** Looks a name up: all its addresses. `dns.lookup` with `all` is one. */
export type Resolver = (host: string, answer: (error: Error | null, addresses: LookupAddress[]) => void) => void;

const systemResolver: Resolver = (host, answer) => systemLookup(host, { all: true }, answer);

/** A connection that was not made, because the target's address is not one that webhooks may have. */
export class RefusedAddress extends Error {
  readonly code = 'REFUSED_ADDRESS';
}

/**
 * Makes connections to permitted addresses only. A name is looked up here and once: what was checked is what is dialled, so a name that changes its
 * address between two look-ups gains nothing.
 */
export function publicConnector(allowed: AllowedTargets, timeoutMs: number, resolve?: Resolver): buildConnector.connector {
  const connect = buildConnector({ timeout: timeoutMs, lookup: checkedLookup(allowed, resolve), allowH2: false });
  return (options, callback) => {
    const host = options.hostname.toLowerCase().replace(/^\[|\]$/g, '');
    // An address is dialled without a look-up.
    const fault = isIP(host) === 0 || isAllowedHost(host, allowed) ? undefined : addressFault(host, allowed);
    if (fault !== undefined) return callback(new RefusedAddress(`the target ${fault}`), null);
    connect(options, callback);
  };
}

/** A look-up as sockets ask for it, which answers permitted addresses only. */
export function checkedLookup(allowed: AllowedTargets, resolve: Resolver = systemResolver): LookupFunction {
  return (host, options, callback) => {
    resolve(host, (error, addresses) => {
      if (error) return callback(error, []);
      const name = host.toLowerCase().replace(/\.+$/, '');
      const permitted = isAllowedHost(name, allowed) ? addresses : addresses.filter(({ address }) => addressFault(address, allowed) === undefined);
      const [first] = permitted;
      if (first === undefined) return callback(new RefusedAddress('the target has no address that may be dialled'), []);
      if (options.all) return callback(null, permitted);
      callback(null, first.address, first.family);
    });
  };
}
