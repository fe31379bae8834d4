import type { NodeFacts, SecretPath, SecretSet } from '../../../model/rendezvous.js';
import type { Item } from '../../inventory/item.js';
import { text } from '../../provider/properties.js';
import type { Cloud } from '../cloud.js';
import { nameOf } from '../ids.js';
import * as tokens from '../types/tokens.js';

/** Where nodes on Azure meet. */
export function azureRendezvous({ cluster, rendezvous }: NodeFacts): Extract<NodeFacts['rendezvous'], { provider: 'azure' }> {
  if (rendezvous.provider !== 'azure') throw new Error(`the nodes of ${cluster} do not meet on Azure`);
  return rendezvous;
}

/** The name of a secret in its vault. */
export function secretIn(secret: SecretPath): { readonly set: SecretSet; readonly name: string } {
  const [set, name = ''] = secret.split('/');
  return { set: set as SecretSet, name };
}

/** The vault that a secret belongs into. */
export function vaultOf(cloud: Cloud, facts: NodeFacts, secret: SecretPath): Item | undefined {
  const [host = ''] = new URL(azureRendezvous(facts).vaults[secretIn(secret).set]).hostname.split('.');
  return cloud.inventory.ofType(tokens.vault).find(({ id }) => nameOf(id).toLowerCase() === host);
}

/** The container at a URL. */
export function containerOf(cloud: Cloud, url: string): Item | undefined {
  const { hostname, pathname } = new URL(url);
  const [account = ''] = hostname.split('.');
  const item = cloud.inventory.ofType(tokens.storageAccount).find(({ outputs, id }) => (text(outputs, 'name') ?? nameOf(id)) === account);
  return item === undefined ? undefined : cloud.inventory.ofType(tokens.blobContainer).find(({ id }) => id.toLowerCase() === `${item.id}/blobServices/default/containers${pathname}`.toLowerCase());
}
