import { openSync } from 'node:fs';
import { mkdir, writeFile } from 'node:fs/promises';
import path from 'node:path';
import pino from 'pino';
import { isClusterwrightError } from '../model/errors.js';
import { readSettings } from '../model/settings.js';
import type { Template } from '../model/template.js';
import { adminKubeconfig, DemoClient, type DemoJob } from './demo/client.js';
import { demoOptions, type DemoOptions } from './demo/options.js';
import { progress } from './demo/progress.js';
import { demoRequest } from './demo/request.js';
import { duration, table } from './demo/table.js';
import { loadCatalogue } from './catalogue.js';
import { startService } from './service.js';

const say = (text: string): void => void process.stdout.write(`${text}\n`);

/** Follows a job to its end. */
async function watch(client: DemoClient, id: string): Promise<DemoJob> {
  const shown = progress(process.stdout);
  try {
    for await (const event of client.events(id)) shown.show(event);
  } finally {
    shown.end();
  }
  return client.job(id);
}

function took(job: DemoJob): string {
  return job.startedAt && job.endedAt ? duration(Date.parse(job.endedAt) - Date.parse(job.startedAt)) : 'unknown';
}

function sayFailure(job: DemoJob): void {
  say(`The job ${job.id} is ${job.state}.`);
  if (job.error) say(table([['code', job.error.code], ['what', job.error.detail], ['resource', job.error.resource ?? '–'], ['next', job.error.hint]]));
}

async function provision(client: DemoClient, name: string, options: DemoOptions, template: Template, home: string, sandbox: string | undefined): Promise<boolean> {
  say(`POST /clusters: "${name}" from the template "${options.template}" on ${options.provider}${options.nodes === 'real' ? ', with 2 to 3 workers in each pool because the nodes are real and all on this machine' : ''}`);
  const job = await watch(client, await client.create(demoRequest(name, options, template)));
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

async function remove(client: DemoClient, name: string): Promise<boolean> {
  say(`DELETE /clusters/${name}?retain=none`);
  const job = await watch(client, await client.delete(name));
  const receipt = job.receipt;
  if (job.state !== 'succeeded' || !receipt) {
    sayFailure(job);
    return false;
  }
  say(`\n${table([
    ['receipt', `${receipt.checked.length} kinds checked, ${receipt.leftovers.length} resources left`],
    ...receipt.retained.map((kept): [string, string] => ['kept', `${kept.kind} ${kept.id}: ${kept.reason}${kept.until ? ` until ${kept.until}` : ''}`]),
    ['duration', took(job)],
  ])}\n`);
  return receipt.leftovers.length === 0 && await client.isGone(name);
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
  const client = new DemoClient(service.url);
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
