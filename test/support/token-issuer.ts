import { createPublicKey, createSign } from 'node:crypto';
import { createServer, type Server } from 'node:http';
import { rsaKeyPair } from '../../sandbox/rsa-keys.js';

const base64url = (value: object): string => Buffer.from(JSON.stringify(value)).toString('base64url');

/** An OpenID Connect issuer of jobs' tokens, as GitHub, GitLab and Jenkins are one: a discovery document, a key, and tokens that say whatever they are to say. */
export class TokenIssuer {
  private readonly keys = rsaKeyPair();
  /** Answers under the issuer's name for who ends TLS: `server.emit('connection', socket)`. */
  readonly server: Server;

  constructor(readonly url: string) {
    const { pathname } = new URL(url);
    const folder = pathname === '/' ? '' : pathname;
    const documents: Readonly<Record<string, object>> = {
      [`${folder}/.well-known/openid-configuration`]: { issuer: url, jwks_uri: `${url}/keys`, response_types_supported: ['id_token'], subject_types_supported: ['public'], id_token_signing_alg_values_supported: ['RS256'] },
      [`${folder}/keys`]: { keys: [{ ...createPublicKey(this.keys.publicKey).export({ format: 'jwk' }), kid: 'k1', use: 'sig', alg: 'RS256' }] },
    };
    this.server = createServer((request, response) => {
      const document = documents[request.url ?? ''];
      response.writeHead(document ? 200 : 404, { 'content-type': 'application/json' }).end(JSON.stringify(document ?? {}));
    });
  }

  get host(): string {
    return new URL(this.url).hostname;
  }

  /** A token for five minutes; claims that are given replace the usual ones. */
  token(claims: object): string {
    const now = Math.floor(Date.now() / 1000);
    const content = `${base64url({ alg: 'RS256', typ: 'JWT', kid: 'k1' })}.${base64url({ iss: this.url, iat: now, nbf: now, exp: now + 300, ...claims })}`;
    return `${content}.${createSign('RSA-SHA256').update(content).sign(this.keys.privateKey, 'base64url')}`;
  }
}
