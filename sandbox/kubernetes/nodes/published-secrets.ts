import { randomBytes, randomInt } from 'node:crypto';
import { secretName, secretNames, type NodeFacts, type ProvisionerClient, type SecretPath } from '../../../model/rendezvous.js';
import type { Parameters } from '../../aws/data-planes/parameters.js';
import type { CertificateAuthority } from '../pki.js';

const dayMs = 24 * 3_600_000;
/** The provisioner's certificate is renewed when less than this is left. */
const renewBeforeMs = 12 * 3_600_000;

/** When secrets that end at `notAfter` are to be renewed. */
export function renewalDue(notAfter: number): number {
  return notAfter - renewBeforeMs;
}

/**
 * Publishes what the first control plane publishes: authority, endpoint, the key of etcd's contents, join token and the provisioner's client
 * certificate, the latter two for 24 hours. Answers until when.
 */
export async function publishSecrets(parameters: Parameters, facts: NodeFacts, authority: CertificateAuthority, now: number): Promise<number> {
  const notAfter = Math.floor((now + dayMs) / 1000) * 1000;
  const { certificate, key } = await authority.issueClient('clusterwright:provisioner', 'clusterwright:provisioners', now, notAfter);
  const client: ProvisionerClient = { certificate, key, notAfter: new Date(notAfter).toISOString() };
  const put = (name: SecretPath, value: string, type: 'String' | 'SecureString'): unknown => parameters.put(facts.region, secretName(facts.uid, name), value, type);
  for (const name of [secretNames.joinAuthority, secretNames.certificateAuthority]) put(name, authority.certificate, 'String');
  for (const name of [secretNames.joinEndpoint, secretNames.endpoint]) put(name, `${facts.endpoint}:${facts.port}`, 'String');
  put(secretNames.joinToken, `${letters(6)}.${letters(16)}`, 'SecureString');
  put(secretNames.provisionerClient, JSON.stringify(client), 'SecureString');
  // Once and for all: what etcd has written with one key cannot be read with another.
  if (parameters.get(facts.region, secretName(facts.uid, secretNames.encryptionKey)) === undefined) put(secretNames.encryptionKey, randomBytes(32).toString('base64'), 'SecureString');
  return notAfter;
}

const alphabet = 'abcdefghijklmnopqrstuvwxyz0123456789';

/** Random characters as kubeadm's bootstrap tokens have them. */
function letters(count: number): string {
  return Array.from({ length: count }, () => alphabet[randomInt(alphabet.length)]).join('');
}
