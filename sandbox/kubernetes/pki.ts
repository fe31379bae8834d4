// The X.509 library needs this polyfill before it is loaded.
import 'reflect-metadata';
import { webcrypto } from 'node:crypto';
import * as x509 from '@peculiar/x509';

x509.cryptoProvider.set(webcrypto);

const algorithm = { name: 'ECDSA', namedCurve: 'P-256', hash: 'SHA-256' } as const;
const dayMs = 24 * 3_600_000;
/** Clocks of clients may be a little behind. */
const skewMs = 5 * 60_000;

/** A certificate and its key, both PEM. */
export interface KeyPair {
  certificate: string;
  key: string;
}

/** A private key of this process's web crypto; the platform's global type is not in scope without the DOM library. */
type PrivateKey = webcrypto.CryptoKey;

/** The certificate authority of one simulated cluster. */
export class CertificateAuthority {
  private constructor(
    /** PEM. */
    readonly certificate: string,
    private readonly parsed: x509.X509Certificate,
    private readonly key: PrivateKey,
  ) {}

  /** Makes a new one, valid for ten years. */
  static async create(cluster: string): Promise<CertificateAuthority> {
    const keys = await webcrypto.subtle.generateKey(algorithm, true, ['sign', 'verify']);
    const now = Date.now();
    const certificate = await x509.X509CertificateGenerator.createSelfSigned({
      serialNumber: serialNumber(), name: new x509.Name([{ CN: [`kubernetes ${cluster}`] }]), notBefore: new Date(now - skewMs), notAfter: new Date(now + 3650 * dayMs),
      signingAlgorithm: algorithm, keys,
      extensions: [
        new x509.BasicConstraintsExtension(true, undefined, true),
        new x509.KeyUsagesExtension(x509.KeyUsageFlags.keyCertSign | x509.KeyUsageFlags.cRLSign | x509.KeyUsageFlags.digitalSignature, true),
        await x509.SubjectKeyIdentifierExtension.create(keys.publicKey),
      ],
    });
    return new CertificateAuthority(certificate.toString('pem'), certificate, keys.privateKey);
  }

  /** Reads one back from what `export` gave. */
  static async import(pair: KeyPair): Promise<CertificateAuthority> {
    const der = x509.PemConverter.decodeFirst(pair.key);
    const key = await webcrypto.subtle.importKey('pkcs8', der, algorithm, true, ['sign']);
    return new CertificateAuthority(pair.certificate, new x509.X509Certificate(pair.certificate), key);
  }

  /** Certificate and key, to be kept in a file that only its owner reads. */
  async export(): Promise<KeyPair> {
    return { certificate: this.certificate, key: await privateKeyPem(this.key) };
  }

  /** A server certificate for these names and IPv4 addresses, valid for a year of the machine's clock. */
  issueServer(names: readonly string[], addresses: readonly string[]): Promise<KeyPair> {
    const alternatives = [...names.map((value) => ({ type: 'dns' as const, value })), ...addresses.map((value) => ({ type: 'ip' as const, value }))];
    return this.issue([{ CN: [names[0] ?? 'kube-apiserver'] }], Date.now() - skewMs, Date.now() + 365 * dayMs, x509.ExtendedKeyUsage.serverAuth, [new x509.SubjectAlternativeNameExtension(alternatives)]);
  }

  /**
   * A client certificate, subject `O=<group>, CN=<user>`. `now` is the sandbox's clock, which may be ahead of the machine's: TLS libraries know only
   * the latter, so validity begins with the earlier of the two.
   */
  issueClient(user: string, group: string, now: number, notAfter: number): Promise<KeyPair> {
    return this.issue([{ O: [group] }, { CN: [user] }], Math.min(now, Date.now()) - skewMs, notAfter, x509.ExtendedKeyUsage.clientAuth, []);
  }

  private async issue(subject: x509.JsonNameParams, notBefore: number, notAfter: number, usage: x509.ExtendedKeyUsage, extensions: readonly x509.Extension[]): Promise<KeyPair> {
    const keys = await webcrypto.subtle.generateKey(algorithm, true, ['sign', 'verify']);
    const certificate = await x509.X509CertificateGenerator.create({
      serialNumber: serialNumber(), subject: new x509.Name(subject), issuer: this.parsed.subjectName, notBefore: new Date(notBefore), notAfter: new Date(notAfter),
      publicKey: keys.publicKey, signingKey: this.key, signingAlgorithm: algorithm,
      extensions: [
        new x509.BasicConstraintsExtension(false, undefined, true), new x509.KeyUsagesExtension(x509.KeyUsageFlags.digitalSignature, true),
        new x509.ExtendedKeyUsageExtension([usage]), await x509.AuthorityKeyIdentifierExtension.create(this.parsed), ...extensions,
      ],
    });
    return { certificate: certificate.toString('pem'), key: await privateKeyPem(keys.privateKey) };
  }
}

async function privateKeyPem(key: PrivateKey): Promise<string> {
  return x509.PemConverter.encode(await webcrypto.subtle.exportKey('pkcs8', key), 'PRIVATE KEY');
}

/** Positive, 127 random bits: within the 20 octets that RFC 5280 allows. */
function serialNumber(): string {
  const bytes = webcrypto.getRandomValues(new Uint8Array(16));
  bytes[0] = ((bytes[0] ?? 0) & 0x7f) | 0x40;
  return Buffer.from(bytes).toString('hex');
}
