import { z } from 'zod';
import type { KubernetesClient } from './client.js';

const podSchema = z.object({
  metadata: z.object({ creationTimestamp: z.iso.datetime().optional() }),
  spec: z.object({
    nodeName: z.string().optional(),
    volumes: z.array(z.object({
      projected: z.object({ sources: z.array(z.object({ serviceAccountToken: z.object({ expirationSeconds: z.int().optional() }).optional() })).nullish() }).optional(),
    })).optional(),
  }).optional(),
  status: z.object({ phase: z.string().optional() }).optional(),
});

/** A pod that runs on a node with a token that its kubelet renews, for the API server or for somebody else. */
export interface TokenPod {
  readonly node: string;
  /** In milliseconds since 1970. */
  readonly createdAt: number;
  /** How long the one of its tokens is good that lasts longest, in milliseconds. */
  readonly lastsMs: number;
}

/** Kubelets renew a token when four fifths of its time are over, and never later than after a day: https://github.com/kubernetes/kubernetes/blob/v1.35.4/pkg/kubelet/token/token_manager.go */
const [renewedShare, renewedMs] = [0.8, 24 * 3_600_000];
/** A kubelet writes a renewed token when it next looks after the pod, and a client reads the file again every minute. In milliseconds. */
const takenUpMs = 5 * 60_000;
/** Of a token whose pod does not say how long it is to last, in seconds. */
const defaultSeconds = 3600;

/** All that have such a token. Throws KubernetesError. */
export async function tokenPods(client: Pick<KubernetesClient, 'objects'>): Promise<TokenPod[]> {
  return ((await client.objects('/api/v1/pods', podSchema)) ?? []).flatMap(({ metadata, spec, status }) => {
    const tokens = spec?.volumes?.flatMap(({ projected }) => projected?.sources ?? []).flatMap(({ serviceAccountToken }) => serviceAccountToken ?? []) ?? [];
    if (spec?.nodeName === undefined || tokens.length === 0 || status?.phase === 'Succeeded' || status?.phase === 'Failed') return [];
    const lasts = Math.max(...tokens.map(({ expirationSeconds = defaultSeconds }) => expirationSeconds));
    return { node: spec.nodeName, createdAt: Date.parse(metadata.creationTimestamp ?? '1970-01-01T00:00:00Z'), lastsMs: lasts * 1000 };
  });
}

/** The nodes with pods that may have a token from before `since`, and until when the last of them may; undefined where none has. Times in milliseconds since 1970. Pure. */
export function olderTokens(pods: readonly TokenPod[], since: number, now: number): { readonly nodes: readonly string[]; readonly until: number } | undefined {
  const older = pods.map((pod) => ({ ...pod, until: since + Math.min(pod.lastsMs * renewedShare, renewedMs) + takenUpMs })).filter(({ createdAt, until }) => createdAt <= since && until > now);
  return older.length === 0 ? undefined : { nodes: [...new Set(older.map(({ node }) => node))].sort(), until: Math.max(...older.map(({ until }) => until)) };
}
