import { expect, it } from 'vitest';
import { z } from 'zod';
import { clusterSpecSchema } from '../../model/spec.js';
import { controlPlaneFacts, workerFacts } from '../../programs/nodes/facts.js';
import { nodeTemplates } from '../../programs/nodes/templates.js';
import { userData } from '../../programs/nodes/user-data.js';
import { archiveOn } from '../support/nodes.js';
import type { Ground } from './ground.js';
import type { RealHost } from './real-cluster.js';

/** What hosts were given to run, beside what every machine of such a cluster is given, however it is emulated: byte for byte. */
export function hostsUserData({ cluster, portal, provider }: Ground): void {
  it('runs the very user data that machines in a cloud are given', async () => {
    const source = z.object({ uid: z.string(), spec: clusterSpecSchema }).parse(await portal.cluster(cluster.name));
    const templates = nodeTemplates();
    const given = async (hosts: readonly RealHost[]): Promise<string[]> =>
      (await Promise.all(hosts.map(async (host) => (await cluster.inside(host, 'base64', '--wrap', '0', '/var/lib/cloud/instance/user-data.txt')).trim()))).sort();

    expect(await given(cluster.controlPlanes)).toEqual([1, 2, 3].map((index) => userData(templates, controlPlaneFacts(source, index, archiveOn(provider)))).sort());
    expect(await given(cluster.workers)).toEqual(source.spec.nodePools.flatMap((pool) => Array<string>(pool.minNodes).fill(userData(templates, workerFacts(source, pool)))));
  });
}
