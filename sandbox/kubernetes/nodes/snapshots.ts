import { createHash, randomBytes } from 'node:crypto';
import { gunzipSync, gzipSync } from 'node:zlib';
import { z } from 'zod';
import type { DrillFinding } from '../../../model/drill.js';
import type { NodeFacts } from '../../../model/rendezvous.js';
import type { NodeStore } from './node-cloud.js';
import { readObject } from './read-object.js';

/** The Secret that has a word in it which was planted before a snapshot. */
export const canaryOf = { name: 'clusterwright-canary', namespace: 'kube-system' } as const;

const descriptionSchema = z.object({ sha256: z.string(), objects: z.int(), canary: z.object({ node: z.string(), sha256: z.string() }) });
const rowsSchema = z.array(z.tuple([z.string(), z.string(), z.object({ object: z.looseObject({ data: z.record(z.string(), z.string()).optional() }) })]));

const digest = (content: string | Buffer): string => createHash('sha256').update(content).digest('hex');

/** What a simulated control plane saves etcd with, as its orders have it. */
interface SnapshotGround {
  readonly store: NodeStore;
  readonly facts: NodeFacts;
  readonly etcd: { plant(node: string, word: string): void; snapshot(): string };
  readonly members: readonly string[];
  readonly now: () => number;
}

/** Saves what the cluster has, and gives the key. */
export function saveEtcd(node: string, { store, facts, etcd, members, now }: SnapshotGround): string {
  const at = new Date(now()).toISOString().slice(0, 19);
  const key = `etcd/${at.replaceAll(':', '-')}Z`;
  const word = `${at}Z ${randomBytes(16).toString('hex')}`;
  etcd.plant(node, Buffer.from(word).toString('base64'));
  const saved = etcd.snapshot();
  const packed = gzipSync(saved);
  store.put(`${key}.db.gz`, packed, 'application/gzip');
  const description = {
    sha256: digest(packed), kubernetes: facts.kubernetesRelease, objects: rowsSchema.parse(JSON.parse(saved)).length, canary: { node, sha256: digest(word) }, members: members.map((name) => ({ name })),
  };
  store.put(`${key}.json`, JSON.stringify(description), 'application/json');
  return key;
}

/** Looks through what a snapshot has, as an etcd and an API server beside the cluster do on a real node. */
export function tryRestore([key = '']: readonly string[], { store }: Pick<SnapshotGround, 'store'>): DrillFinding {
  const begun = performance.now();
  const description = readObject(store, `${key}.json`, descriptionSchema);
  const packed = store.get(`${key}.db.gz`);
  if (packed === undefined || description === undefined) throw new Error(`there is no ${key}`);
  if (digest(packed) !== description.sha256) throw new Error(`${key}: FAILED, the checksum did NOT match`);
  const rows = rowsSchema.parse(JSON.parse(gunzipSync(packed).toString('utf8')));
  const restored = performance.now();
  const secrets = rows.filter(([kind]) => kind === '/secrets');
  const word = secrets.find(([, name]) => name === `${canaryOf.namespace}/${canaryOf.name}`)?.[2].object.data?.[description.canary.node];
  const tenths = (milliseconds: number): number => Math.round(milliseconds / 100) / 10;
  return {
    seconds: { restore: tenths(restored - begun), etcd: 0, apiServer: 0, checks: tenths(performance.now() - restored) },
    objects: { expected: description.objects, found: rows.length },
    secrets: { expected: secrets.length, found: secrets.length, refusal: null },
    canary: word === undefined ? 'missing' : digest(Buffer.from(word, 'base64')) === description.canary.sha256 ? 'whole' : 'other',
  };
}
