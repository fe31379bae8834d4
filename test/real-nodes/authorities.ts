import { X509Certificate } from 'node:crypto';
import { copyFile, readFile, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { connect } from 'node:tls';
import { expect, it } from 'vitest';
import { parse, stringify } from 'yaml';
import { z } from 'zod';
import type { Ground } from './ground.js';
import { startProbe } from './probe.js';
import type { RealCluster } from './real-cluster.js';

const configSchema = z.looseObject({
  clusters: z.tuple([z.looseObject({ cluster: z.looseObject({ 'certificate-authority-data': z.base64() }) })]),
  users: z.tuple([z.looseObject({ user: z.object({ 'client-certificate-data': z.base64(), 'client-key-data': z.base64() }) })]),
});
type Config = z.infer<typeof configSchema>;

/** Each control plane's API server begins anew, more than once, and a load balancer that turns to another one may cost an answer; two processors are all machines and who asks, so that one may also be slow. In milliseconds. */
const [patienceMs, mostFailedMs] = [5_000, 10_000];

const readConfig = async (file: string): Promise<Config> => configSchema.parse(parse(await readFile(file, 'utf8')));
const base64 = (text: string): string => Buffer.from(text).toString('base64');

/** An administrator's certificate by the CA that signs for kubelets, made on a control plane. */
async function newClient(cluster: RealCluster): Promise<Config['users'][0]['user']> {
  const make = `cd "$(mktemp -d)" && openssl req -new -newkey rsa:2048 -nodes -subj /O=system:masters/CN=late -keyout key 2> /dev/null |
    openssl x509 -req -CA /etc/kubernetes/pki/signer.crt -CAkey /etc/kubernetes/pki/signer.key -set_serial 77 -days 1 -extfile <(echo extendedKeyUsage=clientAuth) 2> /dev/null && cat key`;
  const [certificate = '', key = ''] = (await cluster.inside(cluster.controlPlane, 'bash', '-c', make)).split(/(?=-----BEGIN PRIVATE KEY-----)/);
  return { 'client-certificate-data': base64(certificate), 'client-key-data': base64(key) };
}

/** The authorities of a cluster are made anew while it is asked all the time: first with what people had before, then with what they have fetched in between. */
export function authorities({ cluster, portal, service }: Ground): void {
  const old = (): string => path.join(service.home, 'before.kubeconfig');
  const between = (): string => path.join(service.home, 'between.kubeconfig');
  const rotate = (phase: string) => portal.change('POST', `/clusters/${cluster.name}/rotate`, { what: 'ca', phase });
  const workers = (): Promise<string[]> => cluster.lines('nodes', '{.metadata.uid}', '--selector', '!node-role.kubernetes.io/control-plane');
  const authority = async (): Promise<string> => {
    const answer = await portal.send('GET', `/clusters/${cluster.name}/kubeconfig`);
    const data = z.object({ clusters: z.tuple([z.object({ cluster: z.object({ 'certificate-authority-data': z.base64() }) })]) }).parse(parse(await answer.text())).clusters[0].cluster['certificate-authority-data'];
    return Buffer.from(data, 'base64').toString();
  };

  it('begins to get new authorities without refusing anybody who knows the old ones', async () => {
    await cluster.look();
    await copyFile(await cluster.adminFile(true), old());
    const [had, [before]] = [await workers(), [await authority()]];
    expect((await portal.send('POST', `/clusters/${cluster.name}/rotate`, { what: 'ca', phase: 'finish' })).status).toBe(409);

    const probe = await startProbe(old(), patienceMs);
    const job = await rotate('begin');
    const failedMs = await probe.stop();

    process.stderr.write(`new authorities: begun, ${failedMs} ms without an answer\n`);
    expect(job).toMatchObject({ state: 'succeeded', error: null });
    expect(failedMs).toBeLessThanOrEqual(mostFailedMs);
    const both = (await authority()).split(/(?=-----BEGIN)/);
    expect([both.length, both[0]?.trim()]).toEqual([2, before?.trim()]);
    expect((await workers()).filter((uid) => had.includes(uid))).toEqual([]);
  }, 90 * 60_000);

  it('ends with them alone, without refusing anybody who has fetched a kubeconfig since', async () => {
    const config = await readConfig(await cluster.adminFile(true));
    const [{ user, ...one }] = config.users;
    const file = { ...config, users: [{ ...one, user: { ...user, ...await newClient(cluster) } }] };
    await writeFile(between(), stringify(file), { mode: 0o600 });

    const probe = await startProbe(between(), patienceMs);
    const job = await rotate('finish');
    const failedMs = await probe.stop();

    process.stderr.write(`new authorities: finished, ${failedMs} ms without an answer\n`);
    expect(job).toMatchObject({ state: 'succeeded', error: null });
    expect(failedMs).toBeLessThanOrEqual(mostFailedMs);
    await cluster.adminFile(true);
    expect(new Set(await cluster.lines('nodes', '{.status.conditions[?(@.type=="Ready")].status}'))).toEqual(new Set(['True']));
    await cluster.look();
    expect(await cluster.hasHealthyEtcd()).toBe(true);
  }, 90 * 60_000);

  it('knows nothing of the old ones any more: not their certificates, not their clients, not on any machine', async () => {
    const [former, { server, name, authority: now }] = [await readConfig(old()), await cluster.door()];
    const gone = Buffer.from(former.clusters[0].cluster['certificate-authority-data'], 'base64').toString();
    expect(new X509Certificate(now).fingerprint256).not.toBe(new X509Certificate(gone).fingerprint256);
    const { hostname: host, port } = new URL(server);
    const trustedBy = (ca: string): Promise<string> => new Promise((resolve) => {
      const socket = connect({ host, port: Number(port), servername: name, ca }, () => {
        socket.end();
        resolve('trusted');
      });
      socket.once('error', (error: Error) => resolve(error.message));
    });
    expect([await trustedBy(now), await trustedBy(gone)]).toEqual(['trusted', expect.not.stringMatching('trusted')]);

    const today = await readConfig(await cluster.adminFile());
    const mixed = path.join(service.home, 'mixed.kubeconfig');
    await writeFile(mixed, stringify({ ...today, users: [{ ...today.users[0], user: former.users[0].user }] }), { mode: 0o600 });
    await expect(startProbe(mixed)).rejects.toThrow('there is no answer');

    const line = gone.split('\n')[7] ?? '';
    for (const host of [...cluster.controlPlanes, ...cluster.workers]) {
      const found = await cluster.inside(host, 'bash', '-c', `grep --recursive --files-with-matches --no-messages --fixed-strings -e '${line}' -e '${base64(gone).slice(400, 460)}' /etc/kubernetes /etc/clusterwright /var/lib/kubelet /var/lib/clusterwright || true`);
      expect({ host: host.name, found }).toEqual({ host: host.name, found: '' });
    }
  });
}
