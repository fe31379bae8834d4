import { DescribeKeyCommand, KMSClient } from '@aws-sdk/client-kms';
import { calling, type AwsConnection } from './connection.js';

/** How a key is: in use, deleted and waiting until a moment (RFC 3339), or gone. */
export type KeyState = { readonly state: 'there' } | { readonly state: 'waiting'; readonly until: string } | { readonly state: 'gone' };

/** Asks for these keys, by id or ARN. */
export async function keyStates(connection: AwsConnection, keys: readonly string[]): Promise<Map<string, KeyState>> {
  if (keys.length === 0) return new Map();
  return calling(connection.client('kms', KMSClient), `reading ${keys.join(', ')}`, async (client) =>
    new Map(await Promise.all(keys.map(async (key): Promise<[string, KeyState]> => [key, await keyState(client, key)]))));
}

async function keyState(client: KMSClient, key: string): Promise<KeyState> {
  try {
    const { KeyMetadata } = await client.send(new DescribeKeyCommand({ KeyId: key }));
    return KeyMetadata?.DeletionDate === undefined ? { state: 'there' } : { state: 'waiting', until: KeyMetadata.DeletionDate.toISOString() };
  } catch (error) {
    if (error instanceof Error && error.name === 'NotFoundException') return { state: 'gone' };
    throw error;
  }
}
