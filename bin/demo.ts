import { openSync } from 'node:fs';
import { mkdir, writeFile } from 'node:fs/promises';
import path from 'node:path';
import pino from 'pino';
import { formatDuration } from '../cli/durations.js';
import { errorRows, receiptRows } from '../cli/output/job.js';
import { properties } from '../cli/output/table.js';
import { progress } from '../cli/watch/progress.js';
import { ClusterwrightClient, Problem, type ClusterRequest, type Job } from '../client/index.js';
import { isClusterwrightError } from '../model/errors.js';
import { readSettings } from '../model/settings.js';
import type { Template } from '../model/template.js';
import { adminKubeconfig } from './demo/admin-kubeconfig.js';
import { demoOptions, type DemoOptions } from './demo/options.js';
import { demoRequest } from './demo/request.js';
import { loadCatalogue } from './catalogue.js';
import { startService } from './service.js';

const say = (text: string): void => void process.stdout.write(`${text}\n`);

/** Rows of name and value, set in. */
const table = (rows: readonly (readonly [string, string])[]): string => properties(rows).replaceAll(/^/gm, '  ');

/** Follows a job to its end. */
async function watch(client: ClusterwrightClient, { id }: Job): Promise<Job> {
  const shown = progress(process.stdout);
  try {
    return await client.watchJob(id, { onEvent: (event) => shown.show(event) });
  } finally {
    shown.end();
  }
}

function took(job: Job): string {
  return job.startedAt && job.endedAt ? formatDuration(Date.parse(job.endedAt) - Date.parse(job.startedAt)) : 'unknown';
}

function sayFailure(job: Job): void {
  say(`The job ${job.id} is ${job.state}.`);
  if (job.error) say(table(errorRows(job.error)));
}

/** Whether there is no cluster of this name (any more). */
function isGone(client: ClusterwrightClient, name: string): Promise<boolean> {
  return client.cluster(name).then(() => false, (error: unknown) => error instanceof Problem && error.status === 404);
}

async function provision(client: ClusterwrightClient, name: string, options: DemoOptions, template: Template, home: string, sandbox: string | undefined): Promise<boolean> {
  say(`POST /clusters: "${name}" from the template "${options.template}" on ${options.provider}${options.nodes === 'real' ? ', with 2 to 3 workers in each pool because the nodes are real and all on this machine' : ''}`);
  const job = await watch(client, (await client.createCluster(demoRequest(name, options, template) as ClusterRequest)).job);
  if (job.state !== 'succeeded') {
    sayFailure(job);
    return false;
  }
  const cluster = await client.cluster(name);
  const kubeconfig = path.join(home, `${name}.kubeconfig`);
  await writeFile(kubeconfig, await client.kubeconfig(name), { mode: 0o600 });
  const administrator = path.join(home, `${name}.admin.kubeconfig`);
  const asAdministrator: [string, string][] = [];
  if (options.nodes === 'real' && sandbox !== undefined) {
    await writeFile(administrator, await adminKubeconfig(sandbox, name), { mode: 0o600 });
    asAdministrator.push(['as administrator', `kubectl --kubeconfig ${administrator} get nodes`]);
  }
  say(`\n${table([
    ['cluster', `${name} (${cluster.state}, ${options.nodes === 'real' ? 'real nodes on a simulated cloud' : 'simulated'})`],
    ['endpoint', cluster.endpoint ?? '–'],
    ['zones', cluster.zones.join(', ')],
    ['nodes', `${cluster.nodes.controlPlane} control planes, ${cluster.nodes.workers} workers`],
    ['add-ons', cluster.addons.map(({ name: addon, version, state, reason }) => `${addon} ${version}${state === 'deployed' ? '' : ` (${[state, reason].filter(Boolean).join(': ')})`}`).join(', ')],
    ['kubeconfig', kubeconfig],
    ...asAdministrator,
    ['duration', took(job)],
  ])}\n`);
  return cluster.state === 'ready';
}

async function remove(client: ClusterwrightClient, name: string): Promise<boolean> {
  say(`DELETE /clusters/${name}?retain=none`);
  const job = await watch(client, (await client.deleteCluster(name, { retain: 'none' })).job);
  const receipt = job.receipt;
  if (job.state !== 'succeeded' || !receipt) {
    sayFailure(job);
    return false;
  }
  say(`\n${table([
    ...receiptRows(receipt),
    ['duration', took(job)],
  ])}\n`);
  return receipt.leftovers.length === 0 && await isGone(client, name);
}

async function main(): Promise<number> {
  const asked = demoOptions(process.argv.slice(2));
  const catalogue = await loadCatalogue();
  const template = catalogue.get(asked.template);
  if (template === undefined) {
    say(`There is no template "${asked.template}"; the catalogue has: ${[...catalogue.keys()].join(', ')}.`);
    return 2;
  }
  const settings = readSettings({ PORT: '0', ...process.env, CLUSTERWRIGHT_CLOUD: 'sandbox', ...(asked.nodes && { CLUSTERWRIGHT_SANDBOX_NODES: asked.nodes }) }, process.cwd());
  const options = { ...asked, nodes: settings.sandboxNodes };
  await mkdir(settings.home, { recursive: true, mode: 0o700 });
  const logFile = path.join(settings.home, 'demo.log');
  const output = openSync(logFile, 'a', 0o600);
  const service = await startService(settings, pino({ level: settings.logLevel }, pino.destination({ dest: output, sync: true })), output);
  say(`The service listens on ${service.url} (log: ${logFile})`);
  const client = new ClusterwrightClient({ url: service.url });
  const name = `demo-${Date.now().toString(36).slice(-6)}`;
  const ended = new Promise<number>((resolve) => {
    for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => resolve(130));
  });
  try {
    const run = async (): Promise<number> => {
      const ready = await provision(client, name, options, template, settings.home, service.sandboxControl);
      if (options.keep && ready) {
        say(`The cluster and the service stay up: ${service.url}/docs. Ctrl-C ends the service.`);
        return ended;
      }
      const clean = await remove(client, name);
      return ready && clean ? 0 : 1;
    };
    return await Promise.race([run(), ended, service.failed.then((reason) => {
      throw new Error(reason);
    })]);
  } finally {
    await service.stop();
  }
}

try {
  process.exitCode = await main();
} catch (error) {
  const text = isClusterwrightError(error) ? `${error.message}\n${error.hint}` : error instanceof Error ? error.message : String(error);
  process.stderr.write(`${text}\n`);
  process.exitCode = 1;
}
