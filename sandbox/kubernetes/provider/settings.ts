import { z } from 'zod';
import { hasUnknown, type CheckFailure, type PropertyMap } from '../../protocol/index.js';
import { ApiClient } from './api-client.js';
import type { ChartSource } from './chart-source.js';
import type { Credentials } from './credentials.js';
import type { Helm } from './helm.js';
import { readKubeconfig } from './kubeconfig.js';
import type { MutableData } from './object-diff.js';

const argumentsSchema = z.object({
  clusterIdentifier: z.string().optional(),
  context: z.string().optional(),
  namespace: z.string().optional(),
  deleteUnreachable: z.boolean().default(false),
  skipUpdateUnreachable: z.boolean().default(false),
  enableServerSideApply: z.boolean().default(true),
  enablePatchForce: z.boolean().default(false),
  enableConfigMapMutable: z.boolean().default(false),
  enableSecretMutable: z.boolean().default(false),
  upsertExistingObjects: z.boolean().default(false),
});

/** What a configured provider works with. */
export interface Settings {
  /** Undefined while the kubeconfig is not known: fine for previews, and nothing else. */
  client: ApiClient | undefined;
  namespace: string;
  /** From the server's name `api.NAME.…`, for faults that name a cluster. */
  cluster: string | null;
  deleteUnreachable: boolean;
  skipUpdateUnreachable: boolean;
  patchForce: boolean;
  upsert: boolean;
  mutableData: MutableData;
  /** For releases on real API servers. */
  charts: ChartSource;
  helm: Helm;
}

/** Faults of provider arguments that can be seen without the cluster. */
export function configFailures(args: PropertyMap): CheckFailure[] {
  const { kubeconfig, ...rest } = args;
  const failures: CheckFailure[] = [];
  if (kubeconfig === undefined) failures.push({ property: 'kubeconfig', reason: 'a kubeconfig is required; the machine\'s own is never used' });
  else if (!hasUnknown(kubeconfig)) failures.push(...failureOf('kubeconfig', () => readKubeconfig(kubeconfig)));
  if (args['enableServerSideApply'] === false) failures.push({ property: 'enableServerSideApply', reason: 'only server-side apply is served by the emulated provider' });
  if (args['renderYamlToDirectory'] !== undefined) failures.push({ property: 'renderYamlToDirectory', reason: 'rendering to files is not served by the emulated provider' });
  const parsed = argumentsSchema.safeParse(knownOnly(rest));
  return parsed.success ? failures : [...failures, ...parsed.error.issues.map((issue) => ({ property: issue.path.join('.'), reason: issue.message }))];
}

/** @throws Error for arguments that do not fit. */
export function readSettings(args: PropertyMap, credentials: Credentials, tools: Pick<Settings, 'charts' | 'helm'>): Settings {
  const { kubeconfig, ...rest } = args;
  const given = argumentsSchema.parse(knownOnly(rest));
  const access = kubeconfig === undefined || hasUnknown(kubeconfig) ? undefined : readKubeconfig(kubeconfig, given.context);
  const [first, name] = access?.serverName.split('.') ?? [];
  return {
    client: access === undefined ? undefined : new ApiClient(access, credentials),
    namespace: given.namespace ?? access?.namespace ?? 'default',
    cluster: first === 'api' && name !== undefined ? name : null,
    deleteUnreachable: given.deleteUnreachable,
    skipUpdateUnreachable: given.skipUpdateUnreachable,
    patchForce: given.enablePatchForce,
    upsert: given.upsertExistingObjects,
    mutableData: { configMaps: given.enableConfigMapMutable, secrets: given.enableSecretMutable },
    ...tools,
  };
}

function failureOf(property: string, read: () => unknown): CheckFailure[] {
  try {
    read();
    return [];
  } catch (error) {
    return [{ property, reason: error instanceof Error ? error.message : String(error) }];
  }
}

function knownOnly(args: PropertyMap): PropertyMap {
  return Object.fromEntries(Object.entries(args).filter(([, value]) => !hasUnknown(value)));
}
