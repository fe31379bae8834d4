import type { NodeCloud } from '../../kubernetes/nodes/node-cloud.js';
import type { Cloud } from '../cloud.js';
import type { Blobs } from '../data-planes/blobs.js';
import type { VaultSecrets } from '../data-planes/vault-secrets.js';
import { machineTypes, runningSince, userDataOf } from '../machines.js';
import * as tokens from '../types/tokens.js';
import { containerStore } from './container.js';
import { azureControllers } from './controllers.js';
import { missingWay, waysTo } from './entry.js';
import { missingGrant } from './grants.js';
import { describeMachine } from './machines.js';
import { azureRendezvous, secretIn, vaultOf } from './rendezvous.js';

/** What the nodes publish through. */
interface Stores {
  readonly cloud: Cloud;
  readonly secrets: VaultSecrets;
  readonly blobs: Blobs;
}

/** Azure for simulated nodes: machines and instances of scale sets, secrets in the cluster's vaults, and steps in its container. */
export function azureNodes({ cloud, secrets, blobs }: Stores): NodeCloud {
  return {
    machineTypes,
    followed: new Set([
      tokens.loadBalancer, tokens.networkInterface, tokens.userAssignedIdentity, tokens.roleAssignment, tokens.roleDefinition, tokens.vault, tokens.privateEndpoint, tokens.storageAccount, tokens.blobContainer,
    ]),
    userDataOf,
    runningSince,
    describe: (machine) => describeMachine(cloud, machine),
    waysTo: (machines, port) => waysTo(cloud, machines, port),
    missingWay: (starter, port) => missingWay(cloud, starter, port),
    missingGrant: (machine, facts) => missingGrant(cloud, machine, facts),
    putSecret(facts, secret, value) {
      const vault = vaultOf(cloud, facts, secret);
      if (vault === undefined) throw new Error(`there is no vault for ${secret} of ${facts.cluster}`);
      secrets.set(vault.id, secretIn(secret).name, value);
    },
    secretOf(facts, secret) {
      const vault = vaultOf(cloud, facts, secret);
      return vault && secrets.get(vault.id, secretIn(secret).name)?.versions.at(-1)?.value;
    },
    storeOf: (facts) => containerStore(cloud, blobs, azureRendezvous(facts).container),
    onWritten: (told) => void blobs.events.on('written', told),
    controllersOf: (facts) => azureControllers(cloud, blobs, facts),
  };
}
