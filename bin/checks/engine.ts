import { access, readFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import os from 'node:os';
import path from 'node:path';
import { EnvHttpProxyAgent, fetch } from 'undici';
import { z } from 'zod';
import type { Accounts } from '../../model/accounts.js';
import type { Engine } from '../../worker/index.js';
import { missing, ok, warn, type Finding } from './finding.js';

/** What the plugins are asked about. */
interface PluginOptions {
  /** Whether the address that the engine would download from is tried, too: that takes the network. */
  readonly probe: boolean;
  readonly environment?: NodeJS.ProcessEnv;
}

const require = createRequire(import.meta.url);
const probeMs = 5_000;

/** A resource provider's plugin, in the version of its library. */
export interface ProviderPlugin {
  readonly name: string;
  readonly version: string;
}

/** Plugins that the programs need for these clouds: theirs, and Kubernetes'. */
export async function neededPlugins(accounts: Accounts): Promise<readonly ProviderPlugin[]> {
  const sides = Object.values(accounts);
  const names = [...(sides.some(({ aws }) => aws) ? ['aws'] : []), ...(sides.some(({ azure }) => azure) ? ['azure-native'] : []), 'kubernetes'];
  return Promise.all(names.map(async (name) => ({ name, version: await libraryVersion(name) })));
}

/** Whether each plugin is where the engine looks for it. One that is not is downloaded by the engine with the first job, where it may. */
export async function pluginFindings(plugins: readonly ProviderPlugin[], { probe, environment = process.env }: PluginOptions): Promise<readonly Finding[]> {
  const attached = (environment['PULUMI_DEBUG_PROVIDERS'] ?? '').split(',').map((entry) => entry.split(':')[0]);
  const folder = path.join(environment['PULUMI_HOME'] || path.join(os.homedir(), '.pulumi'), 'plugins');
  const mayDownload = !['1', 'true'].includes(environment['PULUMI_DISABLE_AUTOMATIC_PLUGIN_ACQUISITION'] ?? '');
  return Promise.all(plugins.map(async ({ name, version }): Promise<Finding> => {
    const about = `plugin ${name}`;
    if (attached.includes(name)) return ok(about, 'A provider that runs already is attached to (PULUMI_DEBUG_PROVIDERS).');
    const place = path.join(folder, `resource-${name}-v${version}`);
    if (await access(path.join(place, `pulumi-resource-${name}`)).then(() => true, () => false)) return ok(about, `${version} (${place})`);
    const install = `install it with "pulumi plugin install resource ${name} ${version}"`;
    if (!mayDownload) return missing(about, `${version} is not in ${folder}, and the engine may not download it: ${install}.`);
    if (probe && !(await answers(downloadUrl(name, version), environment))) return missing(about, `${version} is not in ${folder}, and this machine cannot download it: ${install} where it can, and copy the folder.`);
    return warn(about, `${version} is not in ${folder}: the first job downloads it, which takes minutes; ${install}.`);
  }));
}

/** The engine itself was found; its version is part of what it is found by. */
export function engineFinding({ command, version }: Engine): Finding {
  return ok('engine', `${version} (${command})`);
}

/** Where the engine looks first: https://www.pulumi.com/docs/iac/concepts/plugins/ */
function downloadUrl(name: string, version: string): string {
  return `https://get.pulumi.com/releases/plugins/pulumi-resource-${name}-v${version}-${process.platform}-${process.arch === 'x64' ? 'amd64' : process.arch}.tar.gz`;
}

async function answers(url: string, { HTTPS_PROXY, https_proxy, NO_PROXY, no_proxy }: NodeJS.ProcessEnv): Promise<boolean> {
  const agent = new EnvHttpProxyAgent({ httpsProxy: https_proxy ?? HTTPS_PROXY ?? '', noProxy: no_proxy ?? NO_PROXY ?? '' });
  try {
    return (await fetch(url, { method: 'HEAD', dispatcher: agent, signal: AbortSignal.timeout(probeMs) })).ok;
  } catch {
    return false;
  } finally {
    await agent.close();
  }
}

async function libraryVersion(name: string): Promise<string> {
  const manifest: unknown = JSON.parse(await readFile(require.resolve(`@pulumi/${name}/package.json`), 'utf8'));
  return z.object({ version: z.string() }).parse(manifest).version;
}
