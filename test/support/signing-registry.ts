import { createHash, generateKeyPairSync, sign, type KeyObject } from 'node:crypto';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';

/** A registry on this machine with images that are signed as cosign signs them, or not. */
export interface SigningRegistry {
  /** As names of images begin with it, with the path that all of them have. */
  readonly images: string;
  /** The public key, in PEM, with which `signed` was signed. */
  readonly key: string;
  /** Digests by the tag of an image: signed by the key, by another one, by nobody. */
  readonly digests: Readonly<Record<'signed' | 'foreign' | 'unsigned', string>>;
  close(): Promise<void>;
}

const json = (value: object): Buffer => Buffer.from(JSON.stringify(value));
const digestOf = (bytes: Buffer): string => `sha256:${createHash('sha256').update(bytes).digest('hex')}`;
const manifestType = 'application/vnd.oci.image.manifest.v1+json';
const repository = 'team/app';

/** Starts the registry on a free port. Go's clients speak HTTP without TLS to an address of this machine. */
export async function startSigningRegistry(): Promise<SigningRegistry> {
  const blobs = new Map<string, Buffer>();
  const manifests = new Map<string, Buffer>();
  const blob = (bytes: Buffer, mediaType: string, annotations?: Record<string, string>) => {
    blobs.set(digestOf(bytes), bytes);
    return { mediaType, size: bytes.length, digest: digestOf(bytes), ...(annotations ? { annotations } : {}) };
  };
  const manifest = (tag: string, config: object, layers: object[]): string => {
    const bytes = json({ schemaVersion: 2, mediaType: manifestType, config, layers });
    manifests.set(tag, bytes).set(digestOf(bytes), bytes);
    return digestOf(bytes);
  };
  const image = (tag: string): string => manifest(tag, blob(json({ architecture: 'amd64', os: 'linux', config: { Labels: { tag } }, rootfs: { type: 'layers', diff_ids: [] } }), 'application/vnd.oci.image.config.v1+json'), []);

  const server = createServer(({ url = '/', method }, response) => {
    const [, kind, reference = ''] = new RegExp(`^/v2/${repository}/(manifests|blobs)/([^/?]+)`).exec(url) ?? [];
    const found = kind === 'manifests' ? manifests.get(reference) : kind === 'blobs' ? blobs.get(reference) : undefined;
    if (url === '/v2/') response.writeHead(200).end();
    else if (found === undefined) response.writeHead(404, { 'content-type': 'application/json' }).end('{"errors":[{"code":"MANIFEST_UNKNOWN"}]}');
    else response.writeHead(200, { 'content-type': kind === 'manifests' ? manifestType : 'application/octet-stream', 'content-length': found.length, 'docker-content-digest': digestOf(found) }).end(method === 'HEAD' ? undefined : found);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const images = `127.0.0.1:${(server.address() as AddressInfo).port}/team`;

  /** https://github.com/sigstore/cosign/blob/main/specs/SIGNATURE_SPEC.md */
  const signImage = (digest: string, key: KeyObject): void => {
    const payload = json({ critical: { identity: { 'docker-reference': `${images}/app` }, image: { 'docker-manifest-digest': digest }, type: 'cosign container image signature' }, optional: null });
    const signature = sign('sha256', payload, key).toString('base64');
    manifest(`${digest.replace(':', '-')}.sig`, blob(json({ architecture: '', os: '', config: {}, rootfs: { type: 'layers', diff_ids: [digestOf(payload)] } }), 'application/vnd.oci.image.config.v1+json'),
      [blob(payload, 'application/vnd.dev.cosign.simplesigning.v1+json', { 'dev.cosignproject.cosign/signature': signature })]);
  };
  const [ours, theirs] = [generateKeyPairSync('ec', { namedCurve: 'P-256' }), generateKeyPairSync('ec', { namedCurve: 'P-256' })];
  const digests = { signed: image('signed'), foreign: image('foreign'), unsigned: image('unsigned') };
  signImage(digests.signed, ours.privateKey);
  signImage(digests.foreign, theirs.privateKey);

  return {
    images, digests, key: ours.publicKey.export({ type: 'spki', format: 'pem' }).toString(),
    close: () => new Promise((resolve, reject) => { server.close((error) => { if (error) reject(error); else resolve(); }); server.closeAllConnections(); }),
  };
}
