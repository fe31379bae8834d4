import { mkdtemp, rm } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import type { Cloud } from '../../../sandbox/azure/cloud.js';
import { azureProvider } from '../../../sandbox/azure/provider.js';
import { followCapacity } from '../../../sandbox/azure/scaling.js';
import { findResourceType } from '../../../sandbox/azure/types/index.js';
import { seedWorkerNetwork } from '../../../sandbox/azure/worker-network.js';
import type { DiffResult, PropertyMap, ProviderSession } from '../../../sandbox/protocol/index.js';
import { followDeletions } from '../../../sandbox/provider/lifecycle.js';
import { openSandbox, type Sandbox } from '../../../sandbox/sandbox.js';

/** The emulated Azure without its wire: a configured provider, called directly. */
export interface AzureInMemory {
  readonly sandbox: Sandbox;
  readonly cloud: Cloud;
  readonly session: ProviderSession;
  /** Checks and creates; rejects with the check's reasons or the cloud's refusal. */
  create(type: string, inputs: PropertyMap, name?: string): Promise<{ id: string; outputs: PropertyMap; inputs: PropertyMap }>;
  update(type: string, id: string, inputs: PropertyMap): Promise<PropertyMap>;
  diff(type: string, olds: PropertyMap, news: PropertyMap): Promise<DiffResult>;
  delete(type: string, id: string): Promise<void>;
  close(): Promise<void>;
}

const signal = new AbortController().signal;

export async function openAzure(options: { latency?: number; args?: PropertyMap } = {}): Promise<AzureInMemory> {
  const home = await mkdtemp(path.join(os.tmpdir(), 'sandbox-'));
  const sandbox = await openSandbox(home, options.latency ?? 0);
  const { inventory, clock, latency, addresses, ubuntu } = sandbox;
  const cloud: Cloud = { inventory, clock, latency, addresses, ubuntu };
  seedWorkerNetwork(inventory);
  followDeletions(cloud, findResourceType);
  followCapacity(cloud);
  const session = await azureProvider(cloud, sandbox.requests).configure(options.args ?? {});
  const call = (type: string, name: string) => ({ urn: `urn:pulumi:s::p::${type}::${name}`, type, name, signal });
  const check = async (type: string, news: PropertyMap, name: string, olds: PropertyMap = {}): Promise<PropertyMap> => {
    const { inputs, failures } = await session.check({ ...call(type, name), olds, news, randomSeed: new Uint8Array([1, 2, 3]) });
    if (failures.length > 0) throw new Error(failures.map(({ property, reason }) => `${property}: ${reason}`).join('\n'));
    return inputs;
  };
  return {
    sandbox,
    cloud,
    session,
    async create(type, given, name = 'it') {
      const inputs = await check(type, given, name);
      return { ...(await session.create({ ...call(type, name), inputs, preview: false, timeoutSeconds: 0 })), inputs };
    },
    async update(type, id, given) {
      const item = inventory.get(type, id);
      const news = await check(type, given, 'it', item?.inputs);
      const result = await session.update({ ...call(type, 'it'), id, oldInputs: item?.inputs ?? {}, oldState: item?.outputs ?? {}, news, preview: false, timeoutSeconds: 0, ignoreChanges: [] });
      return result.outputs;
    },
    diff: (type, oldInputs, news) => session.diff({ ...call(type, 'it'), id: 'id', oldInputs, oldState: {}, news, ignoreChanges: [] }),
    delete: (type, id) => session.delete({ ...call(type, 'it'), id, oldInputs: {}, state: {}, timeoutSeconds: 0 }),
    async close() {
      await sandbox.journal.close();
      await rm(home, { recursive: true, force: true });
    },
  };
}
