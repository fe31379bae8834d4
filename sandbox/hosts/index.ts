import { readFile } from 'node:fs/promises';
import type { Server as HttpServer } from 'node:http';
import os from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { z } from 'zod';
import type { Sandbox } from '../sandbox.js';
import { Disks } from './disks.js';
import type { HostCloud } from './host-cloud.js';
import { nodeFactsOf } from '../kubernetes/nodes/node-facts.js';
import { packageMirror, packagesHost } from './packages.js';
import { RealNodes } from './real-nodes.js';
import { sandboxPrefix } from './short-name.js';
import { ServiceTls } from './service-tls.js';
import { raiseWatches, restoreWatches } from './watches.js';

/** What set-up has made for hosts and tells in `hosts/images.json` of the cache. */
const imageSchema = z.object({ plain: z.array(z.string()), golden: z.record(z.string(), z.array(z.string())), packages: z.string(), store: z.string() });

/** What machines boot from: a server's image, or one that has containerd and Kubernetes already. */
export type ImageKind = 'plain' | 'golden';

const here = path.dirname(fileURLToPath(import.meta.url));
const bundle = 'etc/ssl/certs/ca-certificates.crt';

/** Hosts that run. */
export interface Hosts {
  readonly nodes: RealNodes;
  /** Ends them all and leaves nothing of them on this machine but their disks. */
  close(): Promise<void>;
}

/**
 * Starts the hosts of all machines that there are.
 * @param internet services that hosts find there, beside the clouds' own, by name
 * @param report told of errors with hosts
 */
export async function startHosts(sandbox: Sandbox, clouds: readonly HostCloud[], internet: ReadonlyMap<string, HttpServer>, kind: ImageKind, report: (error: unknown) => void): Promise<Hosts> {
  const image = await hostImage();
  const folder = path.join(sandbox.home, 'sandbox', 'hosts');
  const raised = await raiseWatches();
  if (raised !== undefined) process.stderr.write(`hosts: ${raised}\n`);
  const tls = await ServiceTls.open(folder);
  const base = image.plain.at(-1) ?? '/';
  const nodes = new RealNodes(sandbox, clouds, {
    folder, machines: path.join(folder, 'machines'), disks: new Disks(path.join(folder, 'disks')), prefix: sandboxPrefix(sandbox.home),
    scripts: path.join(here.replace(`${path.sep}dist${path.sep}`, path.sep)), gate: path.join(here, 'gate', 'main.js'),
    layersFor: (userData) => (kind === 'plain' ? image.plain : goldenLayers(image.golden, userData)), store: image.store,
    files: { [bundle]: `${await readFile(path.join(base, bundle), 'utf8')}\n${tls.certificate}\n`, 'usr/local/share/ca-certificates/sandbox.crt': tls.certificate },
    serveTls: (connection, servicesOf) => tls.serve(connection, servicesOf),
    internet: new Map([...internet, [packagesHost, packageMirror(image.packages)]]),
    report,
  });
  await nodes.start();
  return {
    nodes,
    close: async () => {
      await nodes.close();
      await restoreWatches();
    },
  };
}

/** The golden image of the release that a machine's user data asks for; of any where they say nothing of one. */
function goldenLayers(golden: z.infer<typeof imageSchema>['golden'], userData: Buffer): readonly string[] {
  const release = nodeFactsOf(userData)?.kubernetesRelease;
  const layers = release === undefined ? Object.values(golden)[0] : golden[release];
  if (layers === undefined) throw new Error(`there is no image with Kubernetes ${release ?? ''}; set-up has made: ${Object.keys(golden).join(', ')}`);
  return layers;
}

async function hostImage(): Promise<z.infer<typeof imageSchema>> {
  const file = path.join(path.resolve(process.env['CLUSTERWRIGHT_CACHE'] || path.join(os.homedir(), '.cache', 'clusterwright')), 'hosts', 'images.json');
  const text = await readFile(file, 'utf8').catch(() => {
    throw new Error(`There is no ${file}: run \`npm run setup -- --nodes real\` first.`);
  });
  return imageSchema.parse(JSON.parse(text));
}
