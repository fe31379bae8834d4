import { beforeAll, describe, expect, it } from 'vitest';
import { z } from 'zod';
import { whyNoHosts } from '../../tools/setup/hosts.mjs';
import { RealCluster } from '../real-nodes/real-cluster.js';
import { until } from '../support/until.js';
import { useService } from '../support/use-service.js';
import { bareRequest, startWeb, webApplication } from './web-application.js';

const content = `
apiVersion: v1
kind: ConfigMap
metadata: {name: kept, namespace: default}
data: {word: still here}
---
apiVersion: v1
kind: Secret
metadata: {name: kept, namespace: default}
stringData: {word: hushed}
---${webApplication(2)}---
apiVersion: policy/v1
kind: PodDisruptionBudget
metadata: {name: web, namespace: default}
spec: {maxUnavailable: 0, selector: {matchLabels: {app: web}}}
`;

for (const provider of ['aws', 'azure'] as const) {
  describe.skipIf(whyNoHosts() !== undefined)(`hibernation of real nodes on ${provider}`, () => {
    const { service, portal } = useService({ CLUSTERWRIGHT_SANDBOX_NODES: 'real' });
    const cluster = new RealCluster(service, 'drowsy');

    beforeAll(async () => {
      await startWeb(portal, cluster, bareRequest('drowsy', provider), content);
    }, 30 * 60_000);

    it('switches every machine off, and wakes with all nodes Ready and what was in it', async () => {
      await cluster.look();
      expect([cluster.controlPlanes.length, cluster.workers.length]).toEqual([3, 2]);
      const minutesSince = (begun: number): string => ((Date.now() - begun) / 60_000).toFixed(1);

      const sleeping = Date.now();
      expect(await portal.change('POST', '/clusters/drowsy/hibernate')).toMatchObject({ state: 'succeeded', error: null });
      process.stderr.write(`hibernate: ${minutesSince(sleeping)} minutes\n`);
      expect(await portal.cluster('drowsy')).toMatchObject({ state: 'hibernated' });
      // The emulated cloud has its machines as stopped from when they are told to shut down.
      const off = async (): Promise<boolean> => {
        const { items } = z.object({ items: z.array(z.object({ running: z.boolean() })) }).parse(await (await fetch(`${service.control}/hosts`)).json());
        return items.length === 3 && items.every(({ running }) => !running);
      };
      await until(off, 3 * 60_000);

      const waking = Date.now();
      expect(await portal.change('POST', '/clusters/drowsy/wake')).toMatchObject({ state: 'succeeded', error: null });
      process.stderr.write(`wake: ${minutesSince(waking)} minutes\n`);

      expect(await cluster.lines('nodes', '{.status.conditions[?(@.type=="Ready")].status}')).toEqual(Array(5).fill('True'));
      expect(await cluster.lines('configmaps', '{.data.word}', '--field-selector', 'metadata.name=kept')).toEqual(['still here']);
      expect(await cluster.lines('secrets', '{.data.word}', '--field-selector', 'metadata.name=kept')).toEqual([Buffer.from('hushed').toString('base64')]);
      await cluster.kubectl(['rollout', 'status', 'deployment', 'web', '--timeout', '120s', '--request-timeout', '130s']);
      await cluster.look();
      expect(await cluster.hasHealthyEtcd()).toBe(true);
    });
  });
}
