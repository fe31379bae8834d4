import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { chmodSync, existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { benchmarkPod } from '../../../programs/platform/benchmark.js';
import { specOf } from '../../unit/platform/clusters.js';

/** Lines of kube-bench 0.15.6, as it wrote them. */
const found = `[INFO] 3 Control Plane Configuration
[INFO] 3.2 Logging
[WARN] 3.2.1 Ensure that a minimal audit policy is created (Manual)
[INFO] 4 Worker Node Security Configuration
[INFO] 4.1 Worker Node Configuration Files
[FAIL] 4.1.1 Ensure that the kubelet service file permissions are set to 600 or more restrictive (Automated)
[PASS] 4.1.2 Ensure that the kubelet service file ownership is set to root:root (Automated)
[PASS] 4.1.10 If the kubelet config.yaml configuration file is being used validate file ownership is set to root:root (Automated)
`;

let folder: string;
let running: ChildProcess | undefined;
let said = '';
const metricsFile = (): string => path.join(folder, 'kube-bench.prom');

/** Starts the script of the pods with something in place of kube-bench. */
function start(kubeBench: string): void {
  writeFileSync(path.join(folder, 'kube-bench'), `#!/bin/bash\necho "$*" > ${folder}/asked\n${kubeBench}\n`);
  chmodSync(path.join(folder, 'kube-bench'), 0o755);
  const [program = '', ...args] = benchmarkPod('worker', specOf('production')).containers[0]?.command ?? [];
  said = '';
  running = spawn(program, args, { stdio: ['ignore', 'pipe', 'pipe'], env: { PATH: `${folder}:${process.env['PATH'] ?? ''}`, BENCHMARK: 'cis-1.12', TARGETS: 'node', NODE: 'worker-1', METRICS_FILE: metricsFile() } });
  for (const stream of [running.stdout, running.stderr]) stream?.on('data', (chunk: Buffer) => (said += chunk.toString()));
}

async function stop(): Promise<unknown> {
  const ended = running?.exitCode === null ? once(running, 'exit') : Promise.resolve([running?.exitCode]);
  running?.kill('SIGTERM');
  const [code] = (await ended) as unknown[];
  running = undefined;
  return code;
}

beforeEach(() => {
  folder = mkdtempSync(path.join(os.tmpdir(), 'benchmark-'));
});
afterEach(async () => {
  await stop();
  rmSync(folder, { recursive: true });
});

describe('a pod of the benchmark', () => {
  it('counts the checks of the node by outcome, names those that failed, and tells in its log what did not pass', async () => {
    start(`cat <<'END'\n${found}END`);
    await expect.poll(() => existsSync(metricsFile()), { timeout: 10_000 }).toBe(true);

    const series = readFileSync(metricsFile(), 'utf8').split('\n').filter((line) => line !== '' && !line.startsWith('#')).sort();
    const counts: Record<string, number> = { '3 warn': 1, '4 fail': 1, '4 pass': 2 };
    const labels = 'benchmark="cis-1.12",node="worker-1"';
    expect(series).toEqual([
      `kube_bench_check_failed{${labels},check="4.1.1"} 1`,
      ...['3', '4'].flatMap((section) => ['fail', 'pass', 'warn'].map((outcome) => `kube_bench_checks{${labels},section="${section}",outcome="${outcome}"} ${counts[`${section} ${outcome}`] ?? 0}`)),
    ]);
    expect(readFileSync(path.join(folder, 'asked'), 'utf8')).toBe('run --benchmark cis-1.12 --targets node --noremediations --nosummary --nototals\n');
    expect(said).toBe(found.split('\n').filter((line) => /^\[(WARN|FAIL)\]/.test(line)).map((line) => `${line}\n`).join(''));
  });

  it('ends at once when it is told to, and takes its metrics along', async () => {
    start(`cat <<'END'\n${found}END`);
    await expect.poll(() => existsSync(metricsFile()), { timeout: 10_000 }).toBe(true);

    expect(await stop()).toBe(0);
    expect(existsSync(metricsFile())).toBe(false);
  });

  it.each([['fails', 'exit 3'], ['says nothing', 'exit 0'], ['finds no program to look at', 'echo "[FAIL] 1.1.1 Ensure (Automated)"']])('publishes nothing when kube-bench %s', async (_what, kubeBench) => {
    start(kubeBench);
    await expect.poll(() => said, { timeout: 10_000 }).toBe('kube-bench gave no result; it is asked again in an hour\n');

    expect(existsSync(metricsFile())).toBe(false);
  });
});
