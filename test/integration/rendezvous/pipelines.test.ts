import { rm } from 'node:fs/promises';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { TestNode } from './node.js';
import { World } from './world.js';

const file = 'etc/kubernetes/clusterwright/authentication.yaml';
const pipeline = (name: string): object => ({ name, issuer: 'https://ci.example.com', audience: 'clusterwright', claims: [{ claim: 'sub', value: `https://ci.example.com/job/${name}/` }] });

let world: World;
let node: TestNode;
let made: string;
beforeAll(async () => {
  world = await World.open();
  await world.ground('pipelines');
  node = await world.node('pipelines', { index: 1 });
  expect((await node.run('bootstrap.sh')).code).toBe(0);
  made = (await node.read(file)) ?? '';
});
afterAll(() => world.close());

const run = () => node.run('tasks/pipelines.sh', [], { CLUSTERWRIGHT_VERDICT_SECONDS: '0.1' });
const spec = (...pipelines: object[]): Promise<void> => (pipelines.length === 0 ? rm(path.join(node.root, 'pipelines.json')) : node.write('pipelines.json', JSON.stringify(pipelines)));
const asked = async (): Promise<number> => ((await node.read('kubectl.calls')) ?? '').split('/metrics').length;

describe('the pipelines of the spec on a control plane', () => {
  it('leave the file alone where there are none', async () => {
    expect((await run()).code).toBe(0);
    expect(await node.read(file)).toBe(made);
  });

  it('come after what the machine was made with, once the API server has taken them', async () => {
    await spec(pipeline('shop'));
    expect(await run()).toMatchObject({ code: 0, stderr: expect.stringContaining('has taken the pipelines') as string });

    const written = (await node.read(file)) ?? '';
    expect(written.startsWith(made)).toBe(true);
    expect(written.slice(made.length)).toMatch(/^ {2}# [^\n]*\n {2}- \{"issuer":\{"url":"https:\/\/ci\.example\.com"[^\n]*\n$/);
    const before = await asked();
    expect((await run()).code).toBe(0);
    expect(await asked()).toBe(before);
  });

  it('are put back where the API server does not take a change, and tried again', async () => {
    const before = await node.read(file);
    await spec(pipeline('shop'), pipeline('other'));
    await node.write('refuses', '');

    for (const _round of [1, 2]) expect(await run()).toMatchObject({ code: 1, stderr: expect.stringContaining('does not take the pipelines') as string });
    expect(await node.read(file)).toBe(before);
    expect(await node.has(`${file}.taken`)).toBe(false);

    await rm(path.join(node.root, 'refuses'));
    expect((await run()).code).toBe(0);
    expect(await node.read(file)).toContain('pipeline:other');
  });

  it('are put back where the machine went down before the API server had said what it makes of them', async () => {
    const before = (await node.read(file)) ?? '';
    await node.write(`${file}.taken`, before);
    await node.write(file, 'what no API server takes');

    expect((await run()).code).toBe(0);
    expect(await node.read(file)).toBe(before);
  });

  it('go when the spec has none any more', async () => {
    await spec();

    expect((await run()).code).toBe(0);
    expect(await node.read(file)).toBe(made);
  });
});
