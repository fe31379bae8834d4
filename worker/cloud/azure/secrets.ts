import { z } from 'zod';
import { provisionerClientSchema, secretNames, vaultSecret, type SecretPath } from '../../../model/rendezvous.js';
import type { PublishedSecrets } from '../cloud.js';
import type { AzureConnection } from './connection.js';
import { calling } from './errors.js';
import type { FreshGrants } from './fresh-grants.js';

const apiVersion = '7.5';
const secretSchema = z.object({ value: z.string() });

/** Reads a secret's current version; undefined where vault or secret are not there yet. */
export async function readSecret(connection: AzureConnection, vault: string, name: string): Promise<string | undefined> {
  return calling(`reading the secret ${name} of ${vault}`, async () => (await connection.read('vault', `${vault}/secrets/${name}?api-version=${apiVersion}`, secretSchema))?.value);
}

/** What the nodes have published for the worker, in the cluster's vault `provisioner`. Nothing as long as the worker's right to read it takes hold. */
export async function publishedSecrets(connection: AzureConnection, grants: FreshGrants, cluster: { name: string; uid: string }): Promise<PublishedSecrets> {
  const read = (secret: SecretPath): Promise<string | undefined> => {
    const { vault, name } = vaultSecret(cluster, secret);
    return grants.awaited(undefined, () => readSecret(connection, vault, name));
  };
  const [certificateAuthority, endpoint, provisioner] = await Promise.all([read(secretNames.certificateAuthority), read(secretNames.endpoint), read(secretNames.provisionerClient)]);
  return { certificateAuthority, endpoint, provisioner: provisioner === undefined ? undefined : provisionerClientSchema.parse(JSON.parse(provisioner)) };
}
