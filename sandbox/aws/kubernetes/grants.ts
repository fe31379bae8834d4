import { nodeStepPrefix, secretName, secretNames, type NodeFacts } from '../../../model/rendezvous.js';
import type { Inventory } from '../../inventory/inventory.js';
import type { Item } from '../../inventory/item.js';
import { text } from '../../provider/properties.js';
import { accountId } from '../cloud.js';
import { allows, statementsOfRole } from '../role-policies.js';
import * as tokens from '../types/tokens.js';

/** What a node of these facts needs its role to allow. */
export function needsOf(facts: NodeFacts): { action: string; resource: string }[] {
  const parameter = (name: string): string => `arn:aws:ssm:${facts.region}:${accountId}:parameter${name}`;
  const step = { action: 's3:PutObject', resource: `arn:aws:s3:::${awsRendezvous(facts).bucket}/${nodeStepPrefix}any.json` };
  if (facts.role === 'worker') return [step, ...[secretNames.joinAuthority, secretNames.joinToken].map((name) => ({ action: 'ssm:GetParameter', resource: parameter(secretName(facts.uid, name)) }))];
  const archive = archiveOf(facts);
  return [
    step,
    ...(archive === undefined ? [] : [{ action: 's3:GetObject', resource: `arn:aws:s3:::${archive}` }]),
    { action: 'ssm:PutParameter', resource: parameter(`${awsRendezvous(facts).parameterPrefix}/control-plane/any`) },
    ...Object.values(secretNames).map((name) => ({ action: 'ssm:PutParameter', resource: parameter(secretName(facts.uid, name)) })),
  ];
}

/** The object that the node is told to fetch, as `BUCKET/KEY`. */
function archiveOf(facts: NodeFacts): string | undefined {
  return facts.archive === undefined ? undefined : `${awsRendezvous(facts).bucket}/${facts.archive.key}`;
}

/** What an instance lacks, in words for its failed step: a right of its role, or the archive that it is told to fetch; undefined when it lacks nothing. */
export function missingGrant(inventory: Inventory, instance: Item, facts: NodeFacts): string | undefined {
  const profile = inventory.get(tokens.instanceProfile, text(instance.outputs, 'iamInstanceProfile') ?? '');
  const role = inventory.get(tokens.role, text(profile?.outputs ?? {}, 'role') ?? '')?.id;
  if (role === undefined) return `the machine has no role: ${text(instance.outputs, 'iamInstanceProfile') ?? 'no instance profile'} gives it none`;
  const statements = statementsOfRole(inventory, role);
  const missing = needsOf(facts).find(({ action, resource }) => !allows(statements, action, resource));
  if (missing !== undefined) return `AccessDenied: the role ${role} is not authorized to perform ${missing.action} on ${missing.resource}`;
  const archive = archiveOf(facts);
  return archive === undefined || inventory.get(tokens.bucketObject, archive) !== undefined ? undefined : `NoSuchKey: there is no ${archive}`;
}

/** Where nodes on AWS meet. */
export function awsRendezvous({ cluster, rendezvous }: NodeFacts): Extract<NodeFacts['rendezvous'], { provider: 'aws' }> {
  if (rendezvous.provider !== 'aws') throw new Error(`the nodes of ${cluster} do not meet on AWS`);
  return rendezvous;
}
