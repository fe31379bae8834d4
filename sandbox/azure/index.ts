import { once } from 'node:events';
import type { Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { Federation } from '../entra/federation.js';
import { followDeletions } from '../provider/lifecycle.js';
import type { Part, Sandbox } from '../sandbox.js';
import type { Cloud } from './cloud.js';
import { Blobs } from './data-planes/blobs.js';
import type { DataPlanes } from './data-planes/data-planes.js';
import { DeletedVaults } from './data-planes/deleted-vaults.js';
import { federation } from './data-planes/federation.js';
import { identityHeader } from './data-planes/identity.js';
import { instanceMetadataService } from './data-planes/instance-metadata.js';
import { dataPlaneServer } from './data-planes/server.js';
import { Tokens } from './data-planes/tokens.js';
import { VaultSecrets } from './data-planes/vault-secrets.js';
import { machineNamed, subnetsOf } from './machines.js';
import { azureProvider } from './provider.js';
import { followCapacity } from './scaling.js';
import { findResourceType } from './types/index.js';
import { seedWorkerNetwork } from './worker-network.js';

/** The emulated Azure: its provider, its data planes, and what simulated nodes publish through. */
export interface AzurePart extends Part {
  readonly endpoint: string;
  /** What exists, for whoever makes things in it beside the program. */
  readonly cloud: Cloud;
  readonly secrets: VaultSecrets;
  readonly blobs: Blobs;
  /** The server behind `endpoint`. */
  readonly dataPlanes: Server;
  /** Tokens of managed identities for those of clusters' issuers. */
  readonly federation: Federation;
  /** The metadata service of a machine, not yet listening: for whoever runs what is on it. */
  instanceMetadata(machine: string): Server;
}

/** Starts the data planes on a free port, prepares the provider and what Azure does by itself. */
export async function startAzure(sandbox: Sandbox): Promise<AzurePart> {
  const { inventory, clock, latency, addresses, journal, ubuntu } = sandbox;
  const cloud: Cloud = { inventory, clock, latency, addresses, ubuntu };
  const planes: DataPlanes = {
    cloud,
    tokens: new Tokens(),
    secrets: new VaultSecrets(journal, inventory, clock),
    blobs: new Blobs(journal, inventory, clock),
    deletedVaults: new DeletedVaults(journal, inventory, clock),
    denied: () => sandbox.requests.denied(),
    subnetsOf: (machine) => {
      const item = machineNamed(cloud, machine);
      return item === undefined ? [] : subnetsOf(cloud, item);
    },
  };
  seedWorkerNetwork(inventory);
  followDeletions(cloud, findResourceType);
  followCapacity(cloud);
  const server = dataPlaneServer(planes, sandbox.requests).listen(0, '127.0.0.1');
  await once(server, 'listening');
  const endpoint = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  return {
    provider: azureProvider(cloud, sandbox.requests),
    endpoint,
    environment: { AZURE_ENDPOINT_URL: endpoint, IDENTITY_ENDPOINT: `${endpoint}/identity/token`, IDENTITY_HEADER: identityHeader },
    cloud,
    secrets: planes.secrets,
    blobs: planes.blobs,
    dataPlanes: server,
    federation: federation(planes),
    instanceMetadata: (machine) => instanceMetadataService(planes, machine),
    async close() {
      server.close();
      server.closeAllConnections();
      await Promise.resolve();
    },
  };
}
