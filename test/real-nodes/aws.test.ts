import { describe, expect, it } from 'vitest';
import { whyNoHosts } from '../../tools/setup/hosts.mjs';
import { bareKubeadmSeconds } from './bare-cluster.js';
import { hardening } from './hardening.js';
import { losses } from './losses.js';
import { pipelines } from './pipelines.js';
import { pools } from './pools.js';
import { teams } from './teams.js';
import { wholeCluster } from './whole-cluster.js';
import { rolesOfPods } from './workload-identity.js';

let took = Number.NaN;

wholeCluster({
  provider: 'aws',
  ready(seconds) {
    took = seconds;
  },
  metadata: ['--request', 'PUT', '--header', 'X-aws-ec2-metadata-token-ttl-seconds: 60', 'http://169.254.169.254/latest/api/token'],
  more(ground) {
    hardening(ground);
    teams(ground);
    pipelines(ground);
    pools(ground);
    rolesOfPods(ground);
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
