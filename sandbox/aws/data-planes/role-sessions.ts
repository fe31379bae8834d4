import { createHash, createHmac, randomBytes, timingSafeEqual } from 'node:crypto';
import type { Inventory } from '../../inventory/inventory.js';
import { text } from '../../provider/properties.js';
import { accountId } from '../cloud.js';
import { AwsError } from '../errors.js';
import { iamId } from '../ids.js';
import * as tokens from '../types/tokens.js';
import type { WireRequest } from './wire.js';

/** Temporary credentials of a role that an instance has, or somebody has taken with a token of a cluster. */
export interface RoleSession {
  /** Name of the role, and ARN of the session as refusals name it. */
  readonly role: string;
  readonly arn: string;
  readonly accessKeyId: string;
  readonly secretAccessKey: string;
  readonly token: string;
  /** Milliseconds of the machine's own clock, which is what clients compare with. */
  readonly until: number;
}

const sessionMs = 6 * 3_600_000;
/** AWS refuses requests that were signed longer ago than this. */
const skewMs = 15 * 60_000;

/** The sessions of roles: what is signed with them is checked, signature, token and rights. */
export class RoleSessions {
  readonly #byKey = new Map<string, RoleSession>();

  constructor(private readonly inventory: Inventory) {}

  /** The role of an instance's profile, or undefined where it has none. */
  roleOf(instance: string): string | undefined {
    const profile = text(this.inventory.get(tokens.instance, instance)?.outputs ?? {}, 'iamInstanceProfile');
    return text(this.inventory.get(tokens.instanceProfile, profile ?? '')?.outputs ?? {}, 'role');
  }

  /** Opens a session of a role. @param name what it is called in refusals: an instance, or what a caller of STS says */
  open(name: string, role: string): RoleSession {
    const session: RoleSession = {
      role, arn: `arn:aws:sts::${accountId}:assumed-role/${role}/${name}`, accessKeyId: iamId('ASIA').slice(0, 20), secretAccessKey: randomBytes(30).toString('base64'), token: randomBytes(120).toString('base64'), until: Date.now() + sessionMs,
    };
    this.#byKey.set(session.accessKeyId, session);
    return session;
  }

  /** Whose session signed a request; undefined for the sandbox's own user, who may do anything. @throws AwsError when signature or token do not fit */
  signerOf(request: WireRequest): RoleSession | undefined {
    const [, accessKeyId = '', day = '', region = '', service = '', signedHeaders = '', signature = ''] = /^AWS4-HMAC-SHA256 Credential=([^/]+)\/(\d{8})\/([^/]+)\/([^/]+)\/aws4_request, ?SignedHeaders=([^,]+), ?Signature=([0-9a-f]+)$/.exec(request.headers.authorization ?? '') ?? [];
    const session = this.#byKey.get(accessKeyId);
    if (session === undefined) return undefined;
    if (request.headers['x-amz-security-token'] !== session.token) throw new AwsError('InvalidClientTokenId', 'The security token included in the request is invalid.', 403);
    if (session.until < Date.now()) throw new AwsError('ExpiredToken', 'The provided token has expired.', 403);
    const moment = String(request.headers['x-amz-date'] ?? '');
    if (Math.abs(Date.parse(moment.replace(/^(\d{4})(\d\d)(\d\d)T(\d\d)(\d\d)(\d\d)Z$/, '$1-$2-$3T$4:$5:$6Z')) - Date.now()) > skewMs) throw new AwsError('RequestTimeTooSkewed', 'The difference between the request time and the current time is too large.', 403);
    const scope = `${day}/${region}/${service}/aws4_request`;
    const expected = hmac([`AWS4${session.secretAccessKey}`, day, region, service, 'aws4_request', ['AWS4-HMAC-SHA256', moment, scope, sha256(canonical(request, signedHeaders))].join('\n')]);
    if (signature.length !== 64 || !timingSafeEqual(expected, Buffer.from(signature, 'hex'))) {
      throw new AwsError('SignatureDoesNotMatch', 'The request signature we calculated does not match the signature you provided. Check your key and signing method.', 403);
    }
    if (service === 's3' && request.headers['x-amz-content-sha256'] !== sha256(request.body)) throw new AwsError('XAmzContentSHA256Mismatch', 'The provided \'x-amz-content-sha256\' header does not match what was computed.');
    return session;
  }
}

/** The canonical request of Signature Version 4. https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_sigv-create-signed-request.html */
function canonical({ method, url, headers, body }: WireRequest, signedHeaders: string): string {
  const query = url.search.slice(1).split('&').filter((part) => part !== '').map((part) => (part.includes('=') ? part : `${part}=`)).sort().join('&');
  const values = signedHeaders.split(';').map((name) => `${name}:${String(headers[name] ?? '').trim().replace(/ +/g, ' ')}\n`);
  return [method, url.pathname, query, values.join(''), signedHeaders, String(headers['x-amz-content-sha256'] ?? sha256(body))].join('\n');
}

function sha256(content: string | Buffer): string {
  return createHash('sha256').update(content).digest('hex');
}

/** The chain of keys, each made with the one before it. */
function hmac([first = '', ...rest]: readonly string[]): Buffer {
  return rest.reduce<Buffer>((key, content) => createHmac('sha256', key).update(content).digest(), Buffer.from(first));
}
