import { expect, it } from 'vitest';
import { z } from 'zod';
import type { Ground } from './ground.js';
import { pod } from './pod.js';
import { startProbe } from './probe.js';

/** Each control plane's API server begins anew, more than once, and a load balancer that turns to another one may cost an answer; two processors are all machines and who asks, so that one may also be slow. In milliseconds. */
const [patienceMs, mostFailedMs] = [5_000, 10_000];

const headerSchema = z.object({ kid: z.string() });
const keysSchema = z.object({ keys: z.array(headerSchema) });
const keyOf = (token: string): string => headerSchema.parse(JSON.parse(Buffer.from(token.split('.')[0] ?? '', 'base64url').toString())).kid;

/** The key of service accounts' tokens is made anew while somebody asks all the time with such a token: first one from before, then one of in between. */
export function serviceAccountKey({ cluster, portal }: Ground): void {
  let before = '';
  const rotate = (phase: string) => portal.change('POST', `/clusters/${cluster.name}/rotate`, { what: 'service-account-key', phase });
  const newToken = async (): Promise<string> => (await cluster.kubectl(['create', 'token', 'prober', '--duration', '6h'])).trim();
  const keysAt = (text: string): string[] => keysSchema.parse(JSON.parse(text)).keys.map(({ kid }) => kid);
  /** The keys by the API server, and as everybody finds them at the issuer's address. */
  const keys = async (): Promise<string[][]> => {
    const { jwks_uri: address } = z.object({ jwks_uri: z.url() }).parse(JSON.parse(await cluster.kubectl(['get', '--raw', '/.well-known/openid-configuration'])));
    return [keysAt(await cluster.kubectl(['get', '--raw', '/openid/v1/jwks'])), keysAt(await cluster.inside(cluster.controlPlane, 'curl', '--silent', '--fail', address))];
  };
  const probeWith = async (token: string) => startProbe(await cluster.tokenFile(token, true), patienceMs);
  /** What a new pod is answered that asks the API server with the token that it was given. */
  const askedByPod = async (name: string): Promise<string> => {
    await cluster.kubectl(['apply', '--filename', '-'], JSON.stringify(pod(name, 'sleep 3600', { spec: { serviceAccountName: 'prober' } })));
    await cluster.kubectl(['wait', '--for', 'condition=Ready', `pod/${name}`, '--timeout', '60s', '--request-timeout', '70s']);
    const ask = 'curl --silent --insecure --output /dev/null --write-out "%{http_code}" --header "Authorization: Bearer $(cat /var/run/secrets/kubernetes.io/serviceaccount/token)" https://kubernetes.default.svc/api/v1/namespaces/kube-system/pods';
    return cluster.kubectl(['exec', name, '--', 'sh', '-c', ask]);
  };

  it('begins to get a new key of service accounts\' tokens without refusing those of the old one', async () => {
    await cluster.kubectl(['create', 'serviceaccount', 'prober']);
    await cluster.kubectl(['create', 'clusterrolebinding', 'prober', '--clusterrole', 'view', '--serviceaccount', 'default:prober']);
    const lasting = { apiVersion: 'v1', kind: 'Secret', metadata: { name: 'lasting', annotations: { 'kubernetes.io/service-account.name': 'prober' } }, type: 'kubernetes.io/service-account-token' };
    await cluster.kubectl(['apply', '--filename', '-'], JSON.stringify(lasting));
    before = await newToken();
    expect((await portal.send('POST', `/clusters/${cluster.name}/rotate`, { what: 'service-account-key', phase: 'finish' })).status).toBe(409);

    const probe = await probeWith(before);
    const job = await rotate('begin');
    const failedMs = await probe.stop();

    process.stderr.write(`new key of tokens: begun, ${failedMs} ms without an answer\n`);
    expect(job).toMatchObject({ state: 'succeeded', error: null, report: { begun: true, lastingTokens: ['default/lasting'] } });
    expect(failedMs).toBeLessThanOrEqual(mostFailedMs);
    const fresh = keyOf(await newToken());
    expect(fresh).not.toBe(keyOf(before));
    for (const known of await keys()) expect(known.sort()).toEqual([fresh, keyOf(before)].sort());
    for (const host of cluster.controlPlanes) expect(await cluster.inside(host, 'grep', '--count', 'BEGIN', '/etc/kubernetes/pki/sa.key')).toBe('1\n');
    expect(await askedByPod('between')).toBe('200');
  }, 30 * 60_000);

  it('does not finish while a Secret has a token that nobody renews, and is as it was', async () => {
    expect(await rotate('finish')).toMatchObject({ state: 'failed', error: { code: 'lasting-tokens', resource: 'default/lasting' } });
    expect(await cluster.kubectlWith(before, ['get', 'pods', '--namespace', 'kube-system'])).toContain('Running');
    await cluster.kubectl(['delete', 'secret', 'lasting']);
  }, 30 * 60_000);

  it('ends with the new one alone, without refusing a token that it has signed, and refuses all of the old one', async () => {
    const fresh = await newToken();
    const probe = await probeWith(fresh);
    const job = await rotate('finish');
    const failedMs = await probe.stop();

    process.stderr.write(`new key of tokens: finished, ${failedMs} ms without an answer\n`);
    expect(job).toMatchObject({ state: 'succeeded', error: null, report: { begun: false } });
    expect(failedMs).toBeLessThanOrEqual(mostFailedMs);
    for (const known of await keys()) expect(known).toEqual([keyOf(fresh)]);
    await expect(cluster.kubectlWith(before, ['get', 'pods', '--namespace', 'kube-system'])).rejects.toThrow(/Unauthorized|must be logged in/);
    await expect(probeWith(before)).rejects.toThrow('status 401');
    expect(await askedByPod('after')).toBe('200');
    expect(new Set(await cluster.lines('nodes', '{.status.conditions[?(@.type=="Ready")].status}'))).toEqual(new Set(['True']));
  }, 90 * 60_000);
}
