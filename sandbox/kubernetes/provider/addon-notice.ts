import { z } from 'zod';
import type { KubeObject } from '../json.js';
import type { ApiClient } from './api-client.js';

/** What is told of an add-on that is not run by Helm: left out, or done by something else. */
export interface AddonNotice {
  /** Name of the release that there would be. */
  readonly name: string;
  readonly namespace: string;
  /** Version that was asked for. */
  readonly version: string;
  readonly state: 'skipped' | 'stand-in';
  readonly reason: string;
}

const kind = { apiVersion: 'v1', kind: 'ConfigMap' };
const dataSchema = z.object({ version: z.string(), state: z.enum(['skipped', 'stand-in']), reason: z.string() });

const objectName = (release: string): string => `clusterwright-addon-${release}`;

/** Puts a notice where the observer finds it (docs/platform.md), or brings the one that is there up to date. */
export async function putNotice(client: ApiClient, { name, namespace, ...data }: AddonNotice, signal: AbortSignal): Promise<void> {
  const notice: KubeObject = { ...kind, metadata: { name: objectName(name), namespace, labels: { 'clusterwright.io/addon': name } }, data };
  await client.apply(notice, 'helm', true, signal);
}

/** The notice of a release; undefined where there is none. @throws ZodError for one that somebody has spoilt. */
export async function readNotice(client: ApiClient, namespace: string, name: string, signal: AbortSignal): Promise<AddonNotice | undefined> {
  const found = await client.find({ ...kind, metadata: { name: objectName(name), namespace } }, signal);
  return found && { name, namespace, ...dataSchema.parse(found['data']) };
}

/** Takes a notice away. */
export async function removeNotice(client: ApiClient, namespace: string, name: string): Promise<void> {
  await client.remove({ ...kind, metadata: { name: objectName(name), namespace } });
}
