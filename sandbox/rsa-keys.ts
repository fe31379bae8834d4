import { generateKeyPairSync } from 'node:crypto';

/**
 * A new RSA key pair that signs tokens, as texts (SPKI and PKCS#8, PEM). Whoever needs a JWK reads them back first: Node 20 can wait for itself for good where the memory of a key's making is given back
 * while that very key is written as a JWK.
 */
export function rsaKeyPair(): { readonly publicKey: string; readonly privateKey: string } {
  return generateKeyPairSync('rsa', { modulusLength: 2048, publicKeyEncoding: { type: 'spki', format: 'pem' }, privateKeyEncoding: { type: 'pkcs8', format: 'pem' } });
}
