import { expect, it } from 'vitest';
import { scheduledSnapshot } from './snapshots.js';
import { wholeCluster } from './whole-cluster.js';
import { identitiesOfPods } from './workload-identity.js';

wholeCluster({
  provider: 'azure',
  metadata: ['--header', 'Metadata: true', 'http://169.254.169.254/metadata/instance/compute?api-version=2021-02-01'],
  more(ground) {
    const { cluster, killSandbox } = ground;
    identitiesOfPods(ground);

    it('saves etcd to the object store by the schedule of its control planes', async () => {
      expect(await scheduledSnapshot(cluster)).toMatch(/^etcd\//);
    });

    it('survives a kill of the sandbox: all machines boot again from their disks', async () => {
      await cluster.kubectl(['create', 'configmap', 'before-the-kill', '--from-literal', 'word=kept']);
      await killSandbox();
      await expect.poll(() => cluster.lines('configmaps', '{.data.word}', '--field-selector', 'metadata.name=before-the-kill').catch(String), { timeout: 180_000 }).toEqual(['kept']);
      await expect.poll(() => cluster.lines('nodes', '{.status.conditions[?(@.type=="Ready")].status}').catch(String), { timeout: 120_000 }).toEqual(Array(5).fill('True'));
    });
  },
});
