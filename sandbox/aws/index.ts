import { once } from 'node:events';
import type { Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { followDeletions } from '../provider/lifecycle.js';
import type { Part, Sandbox } from '../sandbox.js';
import type { Cloud } from './cloud.js';
import { instanceMetadataService } from './data-planes/instance-metadata.js';
import { Objects } from './data-planes/objects.js';
import { Parameters } from './data-planes/parameters.js';
import { rememberDeleted } from './data-planes/recently-deleted.js';
import { RoleSessions } from './data-planes/role-sessions.js';
import { dataPlaneServer } from './data-planes/server.js';
import { awsProvider } from './provider.js';
import { followCapacity } from './scaling.js';
import { findResourceType, resourceType } from './types/index.js';
import { seedWorkerNetwork } from './worker-network.js';

/** The emulated AWS: its provider, its data planes, and what simulated nodes publish through. */
export interface AwsPart extends Part {
  readonly endpoint: string;
  /** What exists, for whoever makes things in it beside the program: the clusters' own controllers. */
  readonly cloud: Cloud;
  readonly parameters: Parameters;
  readonly objects: Objects;
  /** The data planes, for whoever has other ways to them. */
  readonly dataPlanes: Server;
  /** The metadata service of an instance, not yet listening: for whoever runs what is on it. */
  instanceMetadata(instance: string): Server;
}

/** Starts the data planes on a free port and prepares the provider. */
export async function startAws(sandbox: Sandbox): Promise<AwsPart> {
  const { inventory, clock, latency, journal, addresses, ubuntu } = sandbox;
  const parameters = new Parameters(journal, clock);
  const objects = new Objects(journal, inventory, clock);
  const cloud: Cloud = { inventory, clock, latency, objects, parameters, addresses, ubuntu };
  inventory.alsoKept(() => objects.kept());
  seedWorkerNetwork(inventory);
  rememberDeleted(inventory);
  followDeletions(cloud, findResourceType);
  followCapacity(cloud, resourceType('aws:ec2/instance:Instance'));
  const sessions = new RoleSessions(inventory);
  const server = dataPlaneServer(cloud, sandbox.requests, sessions).listen(0, '127.0.0.1');
  await once(server, 'listening');
  const endpoint = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  return {
    provider: awsProvider(cloud, sandbox.requests),
    endpoint,
    environment: { AWS_ENDPOINT_URL: endpoint, AWS_ACCESS_KEY_ID: 'sandbox', AWS_SECRET_ACCESS_KEY: 'sandbox' },
    cloud,
    parameters,
    objects,
    dataPlanes: server,
    instanceMetadata: (instance) => instanceMetadataService(inventory, sessions, instance),
    async close() {
      server.close();
      server.closeAllConnections();
      await Promise.resolve();
    },
  };
}
