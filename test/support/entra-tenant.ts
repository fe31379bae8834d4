import { createPublicKey, createSign, randomUUID } from 'node:crypto';
import { writeFileSync } from 'node:fs';
import path from 'node:path';
import { entraGroupName } from '../../model/names.js';
import { CertificateAuthority } from '../../sandbox/kubernetes/pki.js';
import { rsaKeyPair } from '../../sandbox/rsa-keys.js';
import type { NodeSpace } from './node-space.js';

const host = 'login.microsoftonline.com';

/** What an object id of the tenant is called within Kubernetes; people have the groups' prefix. */
export const groupOf = entraGroupName;

const issuer = `
  const [cert, key, documents] = process.argv.slice(1).map((file) => require('node:fs').readFileSync(file, 'utf8'));
  require('node:https').createServer({ cert, key }, (request, response) => {
    const document = JSON.parse(documents)[request.url];
    response.writeHead(document ? 200 : 404, { 'content-type': 'application/json' }).end(JSON.stringify(document ?? {}));
  }).listen(443, '127.0.0.1');`;

const base64url = (value: object): string => Buffer.from(JSON.stringify(value)).toString('base64url');

/** A Microsoft Entra ID tenant as an API server sees it: a discovery document, keys, and v2 access tokens for one application and one person. */
export class EntraTenant {
  readonly id = randomUUID();
  readonly audience = randomUUID();
  readonly person = randomUUID();
  private readonly keys = rsaKeyPair();

  private get issuer(): string {
    return `https://${host}/${this.id}/v2.0`;
  }

  /** Answers at Microsoft's name within a node's space, under an authority that the space trusts. */
  async serve(space: NodeSpace, folder: string): Promise<void> {
    const authority = await CertificateAuthority.create('tenant');
    const { certificate, key } = await authority.issueServer([host], []);
    const documents = {
      [`/${this.id}/v2.0/.well-known/openid-configuration`]: { issuer: this.issuer, jwks_uri: `https://${host}/keys`, response_types_supported: ['id_token'], subject_types_supported: ['pairwise'], id_token_signing_alg_values_supported: ['RS256'] },
      '/keys': { keys: [{ ...createPublicKey(this.keys.publicKey).export({ format: 'jwk' }), kid: 'k1', use: 'sig', alg: 'RS256' }] },
    };
    const files = Object.entries({ 'tenant.crt': certificate, 'tenant.key': key, 'tenant.json': JSON.stringify(documents), 'tenant-ca.crt': authority.certificate }).map(([name, content]) => {
      const file = path.join(folder, name);
      writeFileSync(file, content);
      return file;
    });
    const [cert = '', privateKey = '', served = '', trusted = ''] = files;
    await space.run('cp', trusted, '/etc/ssl/certs/ca-certificates.crt');
    await space.run('bash', '-c', `echo "127.0.0.1 ${host}" >> /etc/hosts`);
    space.start(process.execPath, ['-e', issuer, cert, privateKey, served], path.join(folder, 'tenant.log'));
  }

  /** An access token for the application; claims that are given replace the usual ones. */
  token(claims: object = {}): string {
    const now = Math.floor(Date.now() / 1000);
    const payload = { iss: this.issuer, aud: this.audience, tid: this.id, oid: this.person, sub: 'pairwise', ver: '2.0', iat: now, nbf: now, exp: now + 3600, ...claims };
    const content = `${base64url({ alg: 'RS256', typ: 'JWT', kid: 'k1' })}.${base64url(payload)}`;
    return `${content}.${createSign('RSA-SHA256').update(content).sign(this.keys.privateKey, 'base64url')}`;
  }
}
