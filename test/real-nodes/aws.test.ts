import { describe, expect, it } from 'vitest';
import { whyNoHosts } from '../../tools/setup/hosts.mjs';
import { bareKubeadmSeconds } from './bare-cluster.js';
import { hardening } from './hardening.js';
import { losses } from './losses.js';
import { pod } from './pod.js';
import { pools } from './pools.js';
import { wholeCluster } from './whole-cluster.js';

let took = Number.NaN;

wholeCluster({
  provider: 'aws',
  ready(seconds) {
    took = seconds;
  },
  metadata: ['--request', 'PUT', '--header', 'X-aws-ec2-metadata-token-ttl-seconds: 60', 'http://169.254.169.254/latest/api/token'],
  more(ground) {
    const { cluster, portal } = ground;
    hardening(ground);
    pools(ground);

    it('gives a pod with an add-on\'s service account the rights of that add-on, and no other pod any', async () => {
      const { items } = await portal.inventory('real');
      const role = items.find(({ type, id }) => type === 'aws:iam/role:Role' && id.endsWith('-velero'))?.id ?? '';
      await cluster.kubectl(['--namespace', 'velero', 'create', 'serviceaccount', 'velero-server']);
      // A container's log is told by lines.
      const take = (account: string): string => [
        `curl --silent --insecure --max-time 10 --data-urlencode WebIdentityToken@/token/token --data Action=AssumeRoleWithWebIdentity --data Version=2011-06-15`,
        `--data RoleSessionName=${account} --data-urlencode RoleArn=arn:aws:iam::123456789012:role/${role} https://sts.eu-west-1.amazonaws.com/; echo; sleep 3600`,
      ].join(' ');
      const withToken = (account: string): object => pod(`as-${account}`, take(account), {
        spec: { serviceAccountName: account, volumes: [{ name: 'token', projected: { sources: [{ serviceAccountToken: { audience: 'sts.amazonaws.com', path: 'token' } }] } }] },
        container: { volumeMounts: [{ name: 'token', mountPath: '/token' }] },
      });
      for (const account of ['velero-server', 'default']) await cluster.kubectl(['--namespace', 'velero', 'apply', '--filename', '-'], JSON.stringify(withToken(account)));
      const answer = (account: string): Promise<string> => cluster.kubectl(['--namespace', 'velero', 'logs', `as-${account}`]).catch(String);
      await expect.poll(() => answer('velero-server'), { timeout: 60_000 }).toContain('<SecretAccessKey>');
      await expect.poll(() => answer('default'), { timeout: 60_000 }).toContain('AccessDenied');
    });

    losses(ground);
  },
});

describe.skipIf(whyNoHosts() !== undefined)('the time from the first machine to all nodes Ready', () => {
  it('is a small multiple of what bare kubeadm takes on equal hosts', async () => {
    const bare = await bareKubeadmSeconds();
    process.stdout.write(`first machine to all nodes Ready: ${took.toFixed(0)} s; bare kubeadm: ${bare.toFixed(0)} s; ratio ${(took / bare).toFixed(2)}\n`);
    expect(took / bare).toBeLessThanOrEqual(4);
  });
});
