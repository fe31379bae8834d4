import { z } from 'zod';
import { ClusterwrightError } from '../../model/errors.js';
import { stackType, readExport, type StackState } from '../../worker/engine/export.js';
import type { StackUpdate } from '../../worker/engine/history.js';
import { locksOf } from '../../worker/engine/locks.js';
import type { EngineStack } from '../../worker/engine/stack.js';

/** What the backend tells of one stack. */
export interface StackFinding {
  readonly state: StackState;
  readonly lastUpdate: StackUpdate | undefined;
  /** Who holds the stack's lock, in words; undefined where nobody does, and where the backend shows no locks. */
  readonly lock: string | undefined;
  /** The cluster's CA as the provider of the platform has it, PEM. */
  readonly certificateAuthority: string | undefined;
  /** When the stack's first resource was made, and when its state was last written; RFC 3339. */
  readonly createdAt: string | undefined;
  readonly writtenAt: string | undefined;
}

/**
 * Reads all that a backend tells of a stack; undefined where there is no such stack (any more). Throws what the engine throws, and `engine-failed` where what
 * it gives is no state.
 */
export async function findStack(stack: EngineStack, backendUrl: string): Promise<StackFinding | undefined> {
  const text = await stack.exported((exported) => exported);
  if (text === undefined) return undefined;
  const [lastUpdate, locks] = await Promise.all([stack.lastUpdate(), locksOf(backendUrl, stack.name)]);
  const [lock] = locks;
  return {
    ...readState(text, stack.name),
    lastUpdate,
    lock: lock && `the process ${lock.pid} on ${lock.hostname}`,
  };
}

const timesSchema = z.object({
  deployment: z.object({
    manifest: z.object({ time: z.iso.datetime({ offset: true }).optional() }).optional(),
    resources: z.array(z.object({ type: z.string(), created: z.iso.datetime({ offset: true }).optional(), inputs: z.object({ kubeconfig: z.unknown().optional() }).optional() })).optional(),
  }),
});

/** Of a provider's kubeconfig only the CA is read: a certificate, which is public. */
const kubeconfigSchema = z.object({ clusters: z.array(z.object({ cluster: z.object({ 'certificate-authority-data': z.base64() }) })).min(1) });

function readState(text: string, name: string): Pick<StackFinding, 'state' | 'certificateAuthority' | 'createdAt' | 'writtenAt'> {
  try {
    const { deployment: { manifest, resources = [] } } = timesSchema.parse(JSON.parse(text));
    return {
      state: readExport(text),
      certificateAuthority: authorityIn(resources.find(({ type }) => type === 'pulumi:providers:kubernetes')?.inputs?.kubeconfig),
      createdAt: instant(resources.find(({ type }) => type === stackType)?.created),
      writtenAt: instant(manifest?.time),
    };
  } catch (cause) {
    throw new ClusterwrightError('engine-failed', `${name}: what the engine exports is not a state that can be read.`, { resource: name, cause });
  }
}

/** Undefined also where the kubeconfig is encrypted. */
function authorityIn(kubeconfig: unknown): string | undefined {
  if (typeof kubeconfig !== 'string') return undefined;
  const data = kubeconfigSchema.parse(JSON.parse(kubeconfig)).clusters[0]?.cluster['certificate-authority-data'];
  return data === undefined ? undefined : Buffer.from(data, 'base64').toString('utf8');
}

/** The engine's times have nanoseconds; records have milliseconds. */
function instant(time: string | undefined): string | undefined {
  // A state without an update has the year 1.
  return time === undefined || time.startsWith('0001-') ? undefined : new Date(time).toISOString();
}
