import { expect, it } from 'vitest';
import type { Ground } from './ground.js';
import { startProbe } from './probe.js';

/** Each control plane's API server begins anew, and a load balancer that turns to another one may cost an answer; several, where two processors are all of its machines. */
const mostFailedMs = 10_000;

/** What of a cluster is made anew while everybody goes on asking. */
export function rotation({ cluster, portal }: Ground): { readonly certificates: () => void; readonly encryptionKey: () => void } {
  /** Rotates under a probe, and tells how long nobody was answered. */
  const rotated = async (what: string): Promise<{ readonly id: string; readonly failedMs: number }> => {
    const [probe, begun] = [await startProbe(await cluster.adminFile()), Date.now()];
    const job = await portal.change('POST', `/clusters/${cluster.name}/rotate`, { what });
    const failedMs = await probe.stop();
    process.stderr.write(`rotation of ${what}: ${((Date.now() - begun) / 1000).toFixed(0)} s, ${failedMs} ms without an answer\n`);
    expect(job.error).toBeNull();
    return { id: job.id, failedMs };
  };

  return {
    certificates() {
      it('gets new certificates on every control plane, and who asks hardly notices', async () => {
        const serials = (): Promise<string[]> => Promise.all(cluster.controlPlanes.flatMap((host) => ['apiserver', 'etcd/peer'].map((name) => cluster.inside(host, 'openssl', 'x509', '-noout', '-serial', '-in', `/etc/kubernetes/pki/${name}.crt`))));
        const before = await serials();

        const { failedMs } = await rotated('leaf');

        expect((await serials()).filter((serial) => before.includes(serial))).toEqual([]);
        expect(await cluster.hasHealthyEtcd()).toBe(true);
        expect(failedMs).toBeLessThanOrEqual(mostFailedMs);
      });
    },
    encryptionKey() {
      it('gets a new key of what etcd holds, which every Secret is written with, and who asks hardly notices', async () => {
        const inEtcd = async (): Promise<string | undefined> => /k8s:enc:secretbox:v1:([^:]*):/.exec(await cluster.etcdctl(cluster.controlPlane, 'get', '/registry/secrets/default/before', '--write-out', 'fields'))?.[1];
        await cluster.kubectl(['create', 'secret', 'generic', 'before', '--from-literal', 'word=kept']);
        const before = await inEtcd();

        const { id, failedMs } = await rotated('encryption-key');

        expect(await inEtcd()).toBe(`key-${id.toLowerCase()}`);
        expect(await inEtcd()).not.toBe(before);
        expect(await cluster.lines('secrets', '{.data.word}', '--field-selector', 'metadata.name=before')).toEqual([Buffer.from('kept').toString('base64')]);
        for (const host of cluster.controlPlanes) expect(await cluster.inside(host, 'grep', '--count', '{name: ', '/etc/kubernetes/clusterwright/encryption.yaml')).toBe('1\n');
        expect(failedMs).toBeLessThanOrEqual(mostFailedMs);
      });
    },
  };
}
