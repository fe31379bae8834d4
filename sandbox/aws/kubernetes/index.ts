import { secretName, secretNames, type SecretPath } from '../../../model/rendezvous.js';
import type { NodeCloud } from '../../kubernetes/nodes/node-cloud.js';
import type { Cloud } from '../cloud.js';
import * as tokens from '../types/tokens.js';
import { bucketStore } from './bucket.js';
import { awsControllers } from './controllers.js';
import { missingWay, waysTo } from './entry.js';
import { awsRendezvous, missingGrant } from './grants.js';
import { describeInstance, runningSince, userDataOf } from './machines.js';

/** What is no secret, and is kept as plain text. */
const plain: ReadonlySet<SecretPath> = new Set([secretNames.joinAuthority, secretNames.joinEndpoint, secretNames.certificateAuthority, secretNames.endpoint]);

/** AWS for simulated nodes: instances, parameters, and steps in the cluster's bucket. */
export function awsNodes(cloud: Cloud): NodeCloud {
  return {
    machineTypes: new Set([tokens.instance]),
    followed: new Set([tokens.loadBalancer, tokens.listener, tokens.targetGroup, tokens.targetGroupAttachment, tokens.role, tokens.rolePolicy, tokens.rolePolicyAttachment, tokens.policy, tokens.instanceProfile, tokens.bucket, tokens.bucketObject]),
    userDataOf,
    runningSince,
    describe: describeInstance,
    waysTo: (machines, port) => waysTo(cloud, machines, port),
    missingWay: (starter, port) => missingWay(cloud, starter, port),
    missingGrant: (machine, facts) => missingGrant(cloud.inventory, machine, facts),
    putSecret: ({ region, uid }, secret, value) => void cloud.parameters.put(region, secretName(uid, secret), value, plain.has(secret) ? 'String' : 'SecureString'),
    secretOf: ({ region, uid }, secret) => cloud.parameters.get(region, secretName(uid, secret))?.value,
    storeOf: (facts) => bucketStore(cloud, awsRendezvous(facts).bucket),
    onWritten: (told) => void cloud.objects.events.on('changed', ({ key }) => told(key)),
    controllersOf: (facts) => awsControllers(cloud, facts),
  };
}
