import { execFile } from 'node:child_process';
import { mkdtemp, readdir, rm, writeFile } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { isRecord, type JsonRecord } from '../json.js';
import { writeKubeconfig, type ClusterAccess } from './kubeconfig.js';
import { idOf, mergedValues, type ReleaseInputs } from './release-inputs.js';

/** Helm ended with an error; the message is what it said last. */
export class HelmError extends Error {
  override readonly name = 'HelmError';
}

/** Lines of Helm's own that an error quotes. */
const quotedLines = 5;
/** Helm is given a little longer than it gives itself, in milliseconds. */
const graceMs = 60_000;
/** A cluster's API server is never behind the machine's proxy. */
const proxies = /^(https?|all)_proxy$/i;

/** The real helm, from set-up's cache. Each call has a folder of its own, which only its owner reads, and leaves nothing behind. */
export class Helm {
  /** @param environment what exec plugins of a kubeconfig get on top of the process's environment */
  constructor(private readonly cache: string, private readonly environment: Readonly<Record<string, string>>) {}

  /** Where the program is; undefined where set-up has not made it. */
  async program(): Promise<string | undefined> {
    const folder = path.join(this.cache, 'kubernetes');
    const made = (await readdir(folder).catch(() => [])).filter((name) => /^helm-v[\d.]+$/.test(name)).sort((one, other) => one.localeCompare(other, 'en', { numeric: true })).at(-1);
    return made === undefined ? undefined : path.join(folder, made, 'helm');
  }

  /** Downloads an archive of a chart into a folder. @throws HelmError where it cannot be had within the limit */
  async pull(chart: { chart: string; version: string; repository: string }, folder: string, limitMs: number): Promise<void> {
    await this.run(['pull', chart.chart, '--repo', chart.repository, '--version', chart.version, '--destination', folder], { limitMs, environment: process.env });
  }

  /**
   * Installs a release, or upgrades it, and waits as its inputs say. When the signal ends it, it is killed on the spot and leaves its revision pending.
   * @throws HelmError; the signal's reason when cancelled
   */
  async upgrade(access: ClusterAccess, release: ReleaseInputs, archive: string, signal: AbortSignal): Promise<void> {
    const values = mergedValues(release);
    const flags = [
      ...(release.atomic ? ['--atomic'] : []), ...(release.cleanupOnFail ? ['--cleanup-on-fail'] : []), ...(release.skipAwait ? [] : ['--wait']),
      ...(release.description === undefined ? [] : ['--description', release.description]),
    ];
    await this.onCluster(access, values, (kubeconfig, file) => this.run(
      ['upgrade', release.name, archive, '--install', '--namespace', release.namespace, '--timeout', `${release.timeout}s`, '--history-max', String(release.maxHistory), '--values', file, '--kubeconfig', kubeconfig, ...flags],
      { limitMs: 2 * release.timeout * 1000 + graceMs, environment: this.forCluster(), signal, about: `Helm release ${JSON.stringify(idOf(release))}`, secrets: secretsOf(values) },
    ));
  }

  /** Uninstalls a release and waits until its objects are gone. @throws HelmError; the signal's reason when cancelled */
  async uninstall(access: ClusterAccess, release: ReleaseInputs, signal: AbortSignal): Promise<void> {
    await this.onCluster(access, {}, (kubeconfig) => this.run(
      ['uninstall', release.name, '--namespace', release.namespace, '--wait', '--timeout', `${release.timeout}s`, '--ignore-not-found', '--kubeconfig', kubeconfig],
      { limitMs: release.timeout * 1000 + graceMs, environment: this.forCluster(), signal, about: `Helm release ${JSON.stringify(idOf(release))}` },
    ));
  }

  private forCluster(): NodeJS.ProcessEnv {
    return { ...Object.fromEntries(Object.entries(process.env).filter(([name]) => !proxies.test(name))), ...this.environment };
  }

  private async onCluster(access: ClusterAccess, values: JsonRecord, perform: (kubeconfig: string, values: string) => Promise<void>): Promise<void> {
    const folder = await mkdtemp(path.join(os.tmpdir(), 'release-'));
    try {
      const [kubeconfig, file] = [path.join(folder, 'kubeconfig'), path.join(folder, 'values.json')];
      await writeFile(kubeconfig, writeKubeconfig(access), { mode: 0o600 });
      await writeFile(file, JSON.stringify(values), { mode: 0o600 });
      await perform(kubeconfig, file);
    } finally {
      await rm(folder, { recursive: true, force: true });
    }
  }

  private async run(args: readonly string[], { limitMs, environment, signal, about = 'helm', secrets = [] }: { limitMs: number; environment: NodeJS.ProcessEnv; signal?: AbortSignal; about?: string; secrets?: readonly string[] }): Promise<void> {
    signal?.throwIfAborted();
    const program = await this.program();
    if (program === undefined) throw new HelmError(`${about}: there is no helm in ${path.join(this.cache, 'kubernetes')}; \`npm test\` and \`npm run setup -- --nodes real\` make it`);
    const folder = await mkdtemp(path.join(os.tmpdir(), 'helm-'));
    const own = { HELM_CACHE_HOME: path.join(folder, 'cache'), HELM_CONFIG_HOME: path.join(folder, 'config'), HELM_DATA_HOME: path.join(folder, 'data'), HELM_DRIVER: 'secret' };
    try {
      await new Promise<void>((resolve, reject) => {
        const child = execFile(program, args, { env: { ...environment, ...own }, timeout: limitMs, killSignal: 'SIGKILL', maxBuffer: 2 ** 26 }, (error, _stdout, stderr) => {
          signal?.removeEventListener('abort', kill);
          if (error === null) resolve();
          else if (signal?.aborted === true) reject(signal.reason instanceof Error ? signal.reason : new Error('the operation was cancelled'));
          else reject(new HelmError(`${about}: ${error.killed === true ? `no end within ${Math.round(limitMs / 1000)} s; ` : ''}${redacted(lastLines(stderr), secrets)}`));
        });
        // Not the option of execFile: it would answer before the program has ended.
        const kill = (): void => void child.kill('SIGKILL');
        signal?.addEventListener('abort', kill);
      });
    } finally {
      await rm(folder, { recursive: true, force: true });
    }
  }
}

function lastLines(text: string): string {
  return text.split('\n').map((line) => line.trim()).filter((line) => line !== '').slice(-quotedLines).join('; ') || 'it said nothing';
}

function redacted(message: string, secrets: readonly string[]): string {
  return secrets.reduce((text, secret) => text.replaceAll(secret, '[secret]'), message);
}

/** The values whose names say that they are secret. */
function secretsOf(values: unknown, name = ''): string[] {
  if (typeof values === 'string') return /pass|secret|token|key|credential/i.test(name) && values.length > 3 ? [values] : [];
  if (Array.isArray(values)) return values.flatMap((value) => secretsOf(value, name));
  return isRecord(values) ? Object.entries(values).flatMap(([field, value]) => secretsOf(value, field)) : [];
}
