import { mkdtemp, rm } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { Objects } from '../../../sandbox/aws/data-planes/objects.js';
import { Parameters } from '../../../sandbox/aws/data-planes/parameters.js';
import type { Cloud } from '../../../sandbox/aws/cloud.js';
import { awsProvider } from '../../../sandbox/aws/provider.js';
import { followCapacity } from '../../../sandbox/aws/scaling.js';
import { findResourceType, resourceType } from '../../../sandbox/aws/types/index.js';
import { seedWorkerNetwork } from '../../../sandbox/aws/worker-network.js';
import { followDeletions } from '../../../sandbox/provider/lifecycle.js';
import type { PropertyMap, ProviderSession } from '../../../sandbox/protocol/index.js';
import { openSandbox, type Sandbox } from '../../../sandbox/sandbox.js';

/** The emulated AWS without its wire: a configured provider, called directly. */
export interface CloudInMemory {
  readonly sandbox: Sandbox;
  readonly cloud: Cloud;
  readonly session: ProviderSession;
  readonly home: string;
  /** Checks and creates; rejects with the check's reasons or the cloud's refusal. */
  create(type: string, inputs: PropertyMap, name?: string): Promise<{ id: string; outputs: PropertyMap }>;
  update(type: string, id: string, inputs: PropertyMap): Promise<PropertyMap>;
  delete(type: string, id: string): Promise<void>;
  close(): Promise<void>;
}

const signal = new AbortController().signal;

export async function openCloud(options: { home?: string; latency?: number; args?: PropertyMap } = {}): Promise<CloudInMemory> {
  const home = options.home ?? (await mkdtemp(path.join(os.tmpdir(), 'sandbox-')));
  const sandbox = await openSandbox(home, options.latency ?? 0);
  const { journal, clock, inventory, latency, addresses, ubuntu } = sandbox;
  const objects = new Objects(journal, inventory, clock);
  const cloud: Cloud = { inventory, clock, latency, objects, parameters: new Parameters(journal, clock), addresses, ubuntu };
  inventory.alsoKept(() => objects.kept());
  seedWorkerNetwork(inventory);
  followDeletions(cloud, findResourceType);
  followCapacity(cloud, resourceType('aws:ec2/instance:Instance'));
  const session = await awsProvider(cloud, sandbox.requests).configure({ region: 'eu-west-1', ...options.args });
  const call = (type: string, name: string) => ({ urn: `urn:pulumi:s::p::${type}::${name}`, type, name, signal });
  return {
    sandbox,
    cloud,
    session,
    home,
    async create(type, given, name = 'it') {
      const { inputs, failures } = await session.check({ ...call(type, name), olds: {}, news: given, randomSeed: new Uint8Array([1, 2, 3]) });
      if (failures.length > 0) throw new Error(failures.map(({ property, reason }) => `${property}: ${reason}`).join('\n'));
      return session.create({ ...call(type, name), inputs, preview: false, timeoutSeconds: 0 });
    },
    async update(type, id, news) {
      const item = inventory.get(type, id);
      const result = await session.update({ ...call(type, 'it'), id, oldInputs: item?.inputs ?? {}, oldState: item?.outputs ?? {}, news, preview: false, timeoutSeconds: 0, ignoreChanges: [] });
      return result.outputs;
    },
    delete: (type, id) => session.delete({ ...call(type, 'it'), id, oldInputs: {}, state: {}, timeoutSeconds: 0 }),
    async close() {
      await journal.close();
      await rm(home, { recursive: true, force: true });
    },
  };
}
