import { execFile } from 'node:child_process';
import { once } from 'node:events';
import { mkdir, mkdtemp, readFile, rm, symlink, writeFile } from 'node:fs/promises';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import os from 'node:os';
import path from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { ChartSource, chartPlaces } from '../../../sandbox/kubernetes/provider/chart-source.js';
import { Helm } from '../../../sandbox/kubernetes/provider/helm.js';

const run = promisify(execFile);

let folder: string;
let server: Server;
let url: string;
let asked: string[];
let broken = false;

const cache = (): string => path.join(folder, 'cache');
const find = (source: ChartSource, chart: string, version: string, repo?: string): Promise<string | undefined> => source.find({ chart, version, repositoryOpts: { repo } }, new AbortController().signal);
const source = (places: { folder?: string; mirror?: string } = {}): ChartSource => new ChartSource({ ...places, cache: cache() }, new Helm(cache(), {}));

/** A chart as a folder. */
async function chartFolder(parent: string, name: string, version: string): Promise<string> {
  const chart = path.join(parent, name);
  await mkdir(path.join(chart, 'templates'), { recursive: true });
  await writeFile(path.join(chart, 'Chart.yaml'), `apiVersion: v2\nname: ${name}\nversion: ${version}\n`);
  return chart;
}

beforeAll(async () => {
  folder = await mkdtemp(path.join(os.tmpdir(), 'chart-source-'));
  await mkdir(cache());
  await symlink(path.join(os.homedir(), '.cache/clusterwright/kubernetes'), path.join(cache(), 'kubernetes'));
  const repository = path.join(folder, 'repository');
  server = createServer((request, response) => {
    asked.push(request.url ?? '');
    if (broken) return void response.writeHead(500).end();
    readFile(path.join(repository, path.basename(request.url ?? ''))).then((content) => response.end(content), () => response.writeHead(404).end());
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;

  const helm = await new Helm(cache(), {}).program() ?? '';
  for (const name of ['one', 'two']) await run(helm, ['package', await chartFolder(path.join(folder, 'sources'), name, '1.0.0'), '--destination', repository]);
  await run(helm, ['repo', 'index', repository, '--url', url]);
}, 60_000);
beforeEach(async () => {
  asked = [];
  broken = false;
  await rm(path.join(cache(), 'charts'), { recursive: true, force: true });
});
afterAll(async () => {
  server.close();
  await rm(folder, { recursive: true });
});

describe('a chart', () => {
  it('comes from the folder first, as a folder of this version or as an archive', async () => {
    const charts = path.join(folder, 'charts');
    const chart = await chartFolder(charts, 'one', '1.0.0');
    await writeFile(path.join(charts, 'three-3.0.0.tgz'), '');

    expect(await find(source({ folder: charts }), 'one', '1.0.0', url)).toBe(chart);
    expect(await find(source({ folder: charts }), 'three', '3.0.0', url)).toBe(path.join(charts, 'three-3.0.0.tgz'));
    expect(await find(source({ folder: charts }), 'one', '2.0.0')).toBeUndefined();
    expect(asked).toEqual([]);
  });

  it('is downloaded once, from the mirror rather than from its repository', async () => {
    const archive = path.join(cache(), 'charts', 'one-1.0.0.tgz');

    expect(await find(source({ mirror: url }), 'one', '1.0.0', 'http://127.0.0.1:1')).toBe(archive);
    expect(asked).toEqual(['/index.yaml', '/one-1.0.0.tgz']);
    expect(await find(source({ mirror: url }), 'one', '1.0.0', 'http://127.0.0.1:1')).toBe(archive);
    expect(asked).toHaveLength(2);
    await rm(archive);
    expect(await find(source({ mirror: 'http://127.0.0.1:1' }), 'one', '1.0.0', url)).toBe(archive);
  }, 60_000);

  it('cannot be had where the repository has another version only, which says nothing of others', async () => {
    const charts = source();
    expect(await find(charts, 'one', '9.0.0', url)).toBeUndefined();
    expect(await find(charts, 'two', '1.0.0', url)).toBe(path.join(cache(), 'charts', 'two-1.0.0.tgz'));
  }, 60_000);

  it('is not asked for again soon at a repository that does not answer', async () => {
    broken = true;
    const charts = source();
    expect(await find(charts, 'one', '1.0.0', url)).toBeUndefined();
    expect(asked).toHaveLength(1);
    expect(await find(charts, 'two', '1.0.0', url)).toBeUndefined();
    expect(asked).toHaveLength(1);
  }, 60_000);

  it('can be looked for in places that the environment names', () => {
    expect(chartPlaces({ CLUSTERWRIGHT_SANDBOX_CHARTS: '/charts', CLUSTERWRIGHT_SANDBOX_CHART_MIRROR: 'https://charts.example.com', CLUSTERWRIGHT_CACHE: '/cache' })).toEqual({ folder: '/charts', mirror: 'https://charts.example.com', cache: '/cache' });
    expect(() => chartPlaces({ CLUSTERWRIGHT_SANDBOX_CHART_MIRROR: 'charts' })).toThrow('CLUSTERWRIGHT_SANDBOX_CHART_MIRROR');
  });
});
