import type { ClusterScope, FoundResource, Removal } from '../../cloud.js';
import { awsError, type AwsConnection } from '../connection.js';
import { Balancers } from './balancers.js';
import { MachineParts } from './machines.js';
import type { MadeThing } from './thing.js';

const diskKind = 'aws:ebs/volume:Volume';

/** The kinds of things that Kubernetes makes here. */
export const madeKinds: readonly string[] = [
  'aws:elb/loadBalancer:LoadBalancer', 'aws:lb/loadBalancer:LoadBalancer', 'aws:lb/targetGroup:TargetGroup', 'aws:ec2/securityGroup:SecurityGroup', 'aws:ec2/networkInterface:NetworkInterface',
  diskKind,
];

/** What AWS answers while something is still in use, or to who asks for what has gone meanwhile. */
const stillInUse = /DependencyViolation|InUse|OperationNotPermitted|IncorrectState/;
const alreadyGone = /NotFound/;

/** What the cluster's Kubernetes made and is still there. */
export function findMade(connection: AwsConnection, accountId: string, scope: ClusterScope): Promise<FoundResource[]> {
  return withParts(connection, accountId, scope, (things) => Promise.resolve(things.map((thing) => found(connection.region, thing))));
}

/** Deletes what of it can go now. What is in use by something else is among `remaining`: ask again later. */
export function removeMade(connection: AwsConnection, accountId: string, scope: ClusterScope): Promise<Removal> {
  return withParts(connection, accountId, scope, async (things) => {
    const removed: FoundResource[] = [];
    const remaining: FoundResource[] = [];
    // One after the other, in order: a target group is in use until its load balancer has gone.
    for (const thing of things) ((await removeOne(thing)) ? removed : remaining).push(found(connection.region, thing));
    return { removed, remaining };
  });
}

async function removeOne({ remove }: MadeThing): Promise<boolean> {
  if (remove === undefined) return false;
  try {
    await remove();
    return true;
  } catch (error) {
    if (error instanceof Error && alreadyGone.test(error.name)) return true;
    if (error instanceof Error && stillInUse.test(error.name)) return false;
    throw error;
  }
}

async function withParts<T>(connection: AwsConnection, accountId: string, scope: ClusterScope, use: (things: readonly MadeThing[]) => Promise<T>): Promise<T> {
  const { region } = connection;
  const parts = new MachineParts(connection, { accountId, region });
  const balancers = new Balancers(connection);
  try {
    const { own, onlyOfItsName } = await parts.networks(scope);
    const [load, others] = await Promise.all([
      own.size === 0 ? [] : balancers.find(scope, { accountId, region, networks: own }),
      parts.find(scope, own, onlyOfItsName),
    ]);
    return await use([...load, ...others]);
  } catch (error) {
    throw awsError(error, `looking after what Kubernetes made for ${scope.name}`);
  }
}

function found(region: string, { id, kind }: MadeThing): FoundResource {
  return { id, kind, region, part: undefined, ...(kind === diskKind ? { disk: true } : {}) };
}
