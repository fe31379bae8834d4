import { randomBytes, randomInt } from 'node:crypto';
import { secretNames, type NodeFacts, type ProvisionerClient } from '../../../model/rendezvous.js';
import type { SimulatedAuthorities } from './authorities.js';
import type { NodeCloud } from './node-cloud.js';

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
export async function publishSecrets(cloud: NodeCloud, facts: NodeFacts, authorities: Pick<SimulatedAuthorities, 'trusted' | 'signing'>, now: number): Promise<number> {
  const notAfter = Math.floor((now + dayMs) / 1000) * 1000;
  const { certificate, key } = await authorities.signing.issueClient('clusterwright:provisioner', 'clusterwright:provisioners', now, notAfter);
  const client: ProvisionerClient = { certificate, key, notAfter: new Date(notAfter).toISOString() };
  for (const secret of [secretNames.joinAuthority, secretNames.certificateAuthority]) cloud.putSecret(facts, secret, authorities.trusted);
  for (const secret of [secretNames.joinEndpoint, secretNames.endpoint]) cloud.putSecret(facts, secret, `${facts.endpoint}:${facts.port}`);
  cloud.putSecret(facts, secretNames.joinToken, `${letters(6)}.${letters(16)}`);
  cloud.putSecret(facts, secretNames.provisionerClient, JSON.stringify(client));
  // Once and for all: what etcd has written with one key cannot be read with another.
  if (cloud.secretOf(facts, secretNames.encryptionKey) === undefined) cloud.putSecret(facts, secretNames.encryptionKey, randomBytes(32).toString('base64'));
  return notAfter;
}

const alphabet = 'abcdefghijklmnopqrstuvwxyz0123456789';

/** Random characters as kubeadm's bootstrap tokens have them. */
function letters(count: number): string {
  return Array.from({ length: count }, () => alphabet[randomInt(alphabet.length)]).join('');
}
