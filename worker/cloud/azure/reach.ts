import { z } from 'zod';
import type { AzureAccount } from '../../../model/accounts.js';
import { AzureConnection } from './connection.js';
import { calling } from './errors.js';

const networkSchema = z.object({ properties: z.object({ addressSpace: z.object({ addressPrefixes: z.array(z.string()) }) }) });

/** What is wrong with the worker's network as the account's reach names it. */
export async function reachFault(connection: AzureConnection, reach: AzureAccount['reach']): Promise<string | undefined> {
  if (reach.type !== 'peering') return undefined;
  const { networkId, cidr } = reach;
  const network = await calling(`looking for the worker's network ${networkId}`, () => connection.read('management', AzureConnection.management(networkId, '2024-05-01'), networkSchema));
  if (network === undefined) return `names the network ${networkId}, which does not exist`;
  const { addressPrefixes } = network.properties.addressSpace;
  return addressPrefixes.includes(cidr) ? undefined : `names ${cidr} for ${networkId}, which has ${addressPrefixes.join(', ')}`;
}
