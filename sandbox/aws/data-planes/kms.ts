import { z } from 'zod';
import { arn, lookUp, type Cloud } from '../cloud.js';
import { AwsError } from '../errors.js';
import { text } from '../../provider/properties.js';
import { usersOf } from '../types/references.js';
import * as tokens from '../types/tokens.js';
import { parseInput } from './input.js';

const describeSchema = z.looseObject({ KeyId: z.string() });

const aliasesSchema = z.looseObject({ KeyId: z.string().optional() });

/** KMS: ListAliases of a region or a key, and DescribeKey, also of a key in its waiting period, which nothing else shows any more. */
export function kms(operation: string, input: unknown, { cloud, region }: { cloud: Cloud; region: string }): unknown {
  if (operation === 'ListAliases') {
    const { KeyId: wanted } = parseInput(aliasesSchema, input);
    const ofKey = wanted === undefined ? undefined : lookUp(cloud, tokens.key, wanted);
    if (wanted !== undefined && ofKey === undefined) throw new AwsError('NotFoundException', 'The key does not exist');
    const aliases = ofKey === undefined ? cloud.inventory.ofType(tokens.alias).filter((alias) => alias.region === region) : usersOf(ofKey, cloud, tokens.alias, 'targetKeyId');
    return { Truncated: false, Aliases: aliases.map((alias) => ({ AliasName: alias.id, AliasArn: text(alias.outputs, 'arn'), TargetKeyId: ofKey?.id ?? text(alias.outputs, 'targetKeyId') })) };
  }
  if (operation !== 'DescribeKey') throw new AwsError('UnknownOperationException', `the sandbox does not imitate kms:${operation}`);
  const { KeyId } = parseInput(describeSchema, input);
  const key = lookUp(cloud, tokens.key, KeyId);
  if (key !== undefined) return { KeyMetadata: { KeyId: key.id, Arn: text(key.outputs, 'arn'), Enabled: true, KeyState: 'Enabled', KeyManager: 'CUSTOMER', CreationDate: key.createdAt / 1000 } };
  const id = KeyId.split('/').at(-1) ?? '';
  const waiting = cloud.inventory.kept().find((kept) => kept.type === tokens.key && kept.id === id);
  if (waiting === undefined || waiting.until === null) throw new AwsError('NotFoundException', `Key '${arn('kms', region, `key/${id}`)}' does not exist`);
  return { KeyMetadata: { KeyId: id, Arn: arn('kms', region, `key/${id}`), Enabled: false, KeyState: 'PendingDeletion', KeyManager: 'CUSTOMER', DeletionDate: waiting.until / 1000 } };
}
