import { mkdir, mkdtemp, readFile, readdir, rename, rm, stat } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { parse } from 'yaml';
import { z } from 'zod';
import { HelmError, type Helm } from './helm.js';
import type { ReleaseInputs } from './release-inputs.js';

/** Where charts for real API servers come from, in this order; what was downloaded once is kept in the cache. */
export interface ChartPlaces {
  /** A folder with charts as folders, or as archives `NAME-VERSION.tgz`. */
  readonly folder?: string | undefined;
  /** Base URL of a repository that has the charts of all others. */
  readonly mirror?: string | undefined;
  readonly cache: string;
}

/** Longest time for a download in milliseconds, and how long a repository that gave nothing is left alone. */
const limitMs = 20_000;
const leaveAloneMs = 300_000;

const chartSchema = z.object({ name: z.string(), version: z.string() });

/** Reads the places from a process's environment. */
export function chartPlaces(environment: NodeJS.ProcessEnv): ChartPlaces {
  const given = z.object({
    CLUSTERWRIGHT_SANDBOX_CHARTS: z.string().min(1).optional(), CLUSTERWRIGHT_SANDBOX_CHART_MIRROR: z.url({ protocol: /^https?$/ }).optional(), CLUSTERWRIGHT_CACHE: z.string().optional(),
  }).parse(environment);
  return {
    folder: given.CLUSTERWRIGHT_SANDBOX_CHARTS, mirror: given.CLUSTERWRIGHT_SANDBOX_CHART_MIRROR,
    cache: path.resolve(given.CLUSTERWRIGHT_CACHE || path.join(os.homedir(), '.cache', 'clusterwright')),
  };
}

/** Finds charts. One that cannot be had is no error: its release is left out. */
export class ChartSource {
  /** Until when a repository is left alone, in milliseconds. */
  readonly #silent = new Map<string, number>();
  /** Downloads that are under way. */
  readonly #pulls = new Map<string, Promise<string | undefined>>();

  constructor(private readonly places: ChartPlaces, private readonly helm: Pick<Helm, 'program' | 'pull'>) {}

  /** Path of a chart's folder or archive; undefined where no place has it. @throws the signal's reason when cancelled */
  async find({ chart, version, repositoryOpts: { repo } }: Pick<ReleaseInputs, 'chart' | 'version' | 'repositoryOpts'>, signal: AbortSignal): Promise<string | undefined> {
    const archive = `${chart}-${version}.tgz`;
    const cached = path.join(this.places.cache, 'charts', archive);
    const near = (await this.#inFolder(chart, version, archive)) ?? ((await isThere(cached)) ? cached : undefined);
    if (near !== undefined || (await this.helm.program()) === undefined) return near;
    for (const repository of [this.places.mirror, repo]) {
      if (repository === undefined) continue;
      const key = `${repository} ${archive}`;
      const pull = this.#pulls.get(key) ?? this.#pull({ chart, version, repository }, cached).finally(() => this.#pulls.delete(key));
      this.#pulls.set(key, pull);
      const found = await pull;
      signal.throwIfAborted();
      if (found !== undefined) return found;
    }
    return undefined;
  }

  async #inFolder(chart: string, version: string, archive: string): Promise<string | undefined> {
    const { folder } = this.places;
    if (folder === undefined) return undefined;
    if (await isThere(path.join(folder, archive))) return path.join(folder, archive);
    const text = await readFile(path.join(folder, chart, 'Chart.yaml'), 'utf8').catch(() => undefined);
    const found = text === undefined ? undefined : chartSchema.parse(parse(text));
    return found?.name === chart && found.version === version ? path.join(folder, chart) : undefined;
  }

  async #pull(chart: { chart: string; version: string; repository: string }, target: string): Promise<string | undefined> {
    if ((this.#silent.get(chart.repository) ?? 0) > Date.now()) return undefined;
    const charts = path.dirname(target);
    await mkdir(charts, { recursive: true });
    const folder = await mkdtemp(path.join(charts, '.pull-'));
    try {
      await this.helm.pull(chart, folder, limitMs);
      const [archive] = await readdir(folder);
      if (archive === undefined) return undefined;
      await rename(path.join(folder, archive), target);
      return target;
    } catch (error) {
      if (!(error instanceof HelmError)) throw error;
      // A repository that answers without the chart may have others.
      if (!/ not found in /.test(error.message)) this.#silent.set(chart.repository, Date.now() + leaveAloneMs);
      return undefined;
    } finally {
      await rm(folder, { recursive: true, force: true });
    }
  }
}

async function isThere(file: string): Promise<boolean> {
  return stat(file).then((found) => found.isFile(), () => false);
}
