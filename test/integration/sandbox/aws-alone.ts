import { mkdtemp, rm } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { startAws, type AwsPart } from '../../../sandbox/aws/index.js';
import { openSandbox, type Sandbox } from '../../../sandbox/sandbox.js';
import type { PropertyMap } from '../../../sandbox/protocol/index.js';

/** The emulated AWS in a folder of its own, without an engine: resources are made by calls of its provider. */
export interface AwsAlone {
  readonly sandbox: Sandbox;
  readonly aws: AwsPart;
  /** Makes a resource in eu-west-1 and gives its id. */
  readonly create: (type: string, inputs: PropertyMap) => Promise<string>;
  stop(): Promise<void>;
}

/** Starts it, with nothing in it and no latency. */
export async function startAwsAlone(): Promise<AwsAlone> {
  const home = await mkdtemp(path.join(os.tmpdir(), 'sandbox-'));
  const sandbox = await openSandbox(home, 0);
  const aws = await startAws(sandbox);
  let made = 0;
  return {
    sandbox,
    aws,
    async create(type, inputs) {
      const session = await aws.provider.configure({ region: 'eu-west-1' });
      made += 1;
      const name = `it-${made}`;
      const call = { urn: `urn:pulumi:s::p::${type}::${name}`, type, name, signal: new AbortController().signal };
      return (await session.create({ ...call, inputs, preview: false, timeoutSeconds: 0 })).id;
    },
    async stop() {
      await aws.close();
      await sandbox.journal.close();
      await rm(home, { recursive: true });
    },
  };
}
