import { ClusterwrightError } from '../../../model/errors.js';
import { provisionerClientSchema, type ProvisionerClient } from '../../../model/rendezvous.js';
import { AzureConnection } from './connection.js';
import { readSecret } from './secrets.js';

/** Reads the provisioner's current client certificate. Used by the exec plugin: loads nothing but what it needs. */
export async function provisionerClient(vault: string, secret: string, identity: { tenantId: string; clientId: string | undefined }): Promise<ProvisionerClient> {
  const value = await readSecret(new AzureConnection({ ...identity, authority: undefined }), vault, secret);
  if (value === undefined) throw new ClusterwrightError('cluster-unreachable', `The control plane has not published ${secret} in ${vault}.`);
  return provisionerClientSchema.parse(JSON.parse(value));
}
