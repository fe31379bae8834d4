import { mkdtemp, rm } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import type { EngineEvent, Stack } from '@pulumi/pulumi/automation/index.js';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { platform } from '../../../programs/platform/index.js';
import { inputOf, specOf } from '../../unit/platform/clusters.js';
import { changes, startEngine, type TestEngine } from './engine.js';
import { startRealCluster, type RealCluster } from './real-cluster.js';

let cluster: RealCluster;
let engine: TestEngine;
let folder: string;

beforeAll(async () => {
  folder = await mkdtemp(path.join(os.tmpdir(), 'real-api-server-'));
  cluster = await startRealCluster();
  engine = await startEngine(cluster, { cache: path.join(folder, 'cache') });
}, 180_000);
afterAll(async () => {
  await engine.stop();
  await cluster.stop();
  await rm(folder, { recursive: true });
});

async function changed(run: (options: { onEvent: (event: EngineEvent) => void; color: 'never' }) => Promise<unknown>): Promise<string[]> {
  const events: EngineEvent[] = [];
  await run({ onEvent: (event) => void events.push(event), color: 'never' });
  return changes(events).filter((change) => !change.startsWith('refresh'));
}

/** Names of the objects of a collection. */
async function names(where: string): Promise<string[]> {
  const { items } = await cluster.client.call('GET', where) as { items: { metadata: { name: string } }[] };
  return items.map(({ metadata }) => metadata.name);
}

describe.each(['aws', 'azure'] as const)('the platform of %s on a real API server without any charts', (provider) => {
  const spec = specOf('production', {}, provider);
  let stack: Stack;
  beforeAll(async () => {
    stack = await engine.stack(`payments-prod-${provider}`, platform({ ...inputOf(spec), kubeconfig: engine.kubeconfig(cluster) }));
  });

  it('comes up', async () => {
    await stack.up({ color: 'never', parallel: 32 });
  }, 120_000);

  it('is not changed by a second run or a refresh', async () => {
    expect(await changed((options) => stack.up(options))).toEqual([]);
    expect(await changed((options) => stack.refresh({ ...options, runProgram: true }))).toEqual([]);
    expect(await changed((options) => stack.preview(options))).toEqual([]);
  }, 120_000);

  it('goes without leaving anything', async () => {
    await stack.destroy({ color: 'never', parallel: 32, runProgram: true });
    expect(await names('/api/v1/configmaps?labelSelector=clusterwright.io/addon')).toEqual([]);
  }, 120_000);
});
