import { describe, expect, it } from 'vitest';
import type { z } from 'zod';
import { olderTokens, tokenPods } from '../../../worker/kubernetes/pod-tokens.js';

const since = Date.parse('2026-11-30T10:00:00Z');
const minute = 60_000;

describe('tokens of pods from before a new key signed', () => {
  it('are those that their kubelets renew, of pods that run: whoever they are for', async () => {
    const pod = (nodeName: string | undefined, seconds: readonly (number | undefined)[], phase = 'Running') => ({
      metadata: { creationTimestamp: '2026-11-30T09:00:00Z' }, status: { phase },
      spec: { nodeName, volumes: [{ emptyDir: {} }, { projected: { sources: [{ configMap: {} }, ...seconds.map((expirationSeconds) => ({ serviceAccountToken: { expirationSeconds } }))] } }] },
    });
    const objects = [pod('a', [3607]), pod('a', [undefined, 86_400]), pod('b', []), pod('b', [3607], 'Succeeded'), pod(undefined, [3607]), { metadata: {} }];

    const found = await tokenPods({ objects: <Item>(_: string, item: z.ZodType<Item>) => Promise.resolve(objects.map((object) => item.parse(object))) });

    expect(found.map(({ node, lastsMs }) => [node, lastsMs / 1000])).toEqual([['a', 3607], ['a', 86_400]]);
  });

  it('are renewed when four fifths of their time are over, and after a day at the latest; a pod that came later has none', () => {
    const pod = (node: string, hours: number, createdAt = since - minute) => ({ node, createdAt, lastsMs: hours * 60 * minute });
    const pods = [pod('b', 1), pod('a', 1), pod('a', 1), pod('late', 1, since + 1000)];

    expect(olderTokens(pods, since, since + 52 * minute)).toEqual({ nodes: ['a', 'b'], until: since + 53 * minute });
    expect(olderTokens(pods, since, since + 53 * minute)).toBeUndefined();
    expect(olderTokens([...pods, pod('c', 48)], since, since + 53 * minute)).toEqual({ nodes: ['c'], until: since + (24 * 60 + 5) * minute });
  });
});
