import { expect, it } from 'vitest';
import type { Provider } from '../../../model/spec.js';
import { ways as awsWays } from '../../../worker/cloud/aws/finding/ways.js';
import { ways as azureWays } from '../../../worker/cloud/azure/finding/ways.js';
import { useGround } from './ground.js';

/** The ways of each cloud, and some types on the way to a cluster whose answers get lost together. */
const clouds: Readonly<Record<Provider, { readonly ways: Readonly<Record<string, { readonly by: string }>>; readonly some: readonly string[] }>> = {
  aws: { ways: awsWays, some: ['aws:ec2/subnet:Subnet', 'aws:iam/role:Role', 'aws:kms/key:Key', 'aws:lb/targetGroup:TargetGroup'] },
  azure: { ways: azureWays, some: ['azure-native:network:Subnet', 'azure-native:managedidentity:UserAssignedIdentity', 'azure-native:keyvault:Vault', 'azure-native:network:LoadBalancer'] },
};

/** A lost answer ends an update, so many at a time are met in a few rounds: those of one level of the program's dependencies in each. */
const mostRounds = 12;

/** Every type of a cloud has its first creation's answer lost, in as few rounds as there are levels. To be called in a `describe` of its own. */
export function everyAnswerLost(provider: Provider): void {
  const ground = useGround(provider);
  it('of every type in turn leaves nothing that the state does not know, and makes nothing twice', async () => {
    const { ways } = clouds[provider];
    const cluster = await ground().cluster('lost');
    for (const type of Object.keys(ways)) ground().sandbox.faults.add({ type, kind: 'lose-answer', operation: 'create', times: 1 });
    for (let round = 1; ; round += 1) {
      const failure = await cluster.up().then(() => undefined, (error: unknown) => String(error));
      if (failure === undefined) break;
      expect(round, failure).toBeLessThan(mostRounds);
      await cluster.settle();
    }
    expect(ground().sandbox.faults.list().map(({ type }) => type)).toEqual([]);
    const { cloud, state } = await cluster.compared();
    expect(state).toEqual(cloud);

    // Each was imported under the name that the program gives it.
    const adoptable = Object.entries(ways).filter(([, way]) => way.by !== 'again').map(([type]) => type);
    expect([...new Set(cluster.imported().map((entry) => entry.split(' ')[0]))].sort()).toEqual(adoptable.sort());

    await cluster.destroy();
    expect((await cluster.compared()).cloud).toEqual([]);
  });
}

/** Answers to some creations are lost, and the cluster is deleted then. To be called in a `describe` of its own. */
export function someAnswersLost(provider: Provider): void {
  const ground = useGround(provider);
  it('is no hindrance to a deletion, which leaves nothing', async () => {
    const cluster = await ground().cluster('halfway');
    for (const type of clouds[provider].some) ground().sandbox.faults.add({ type, kind: 'lose-answer', operation: 'create', times: 1 });
    await expect(cluster.up()).rejects.toThrow('connection reset');
    await cluster.settle('delete');
    await cluster.destroy();
    expect((await cluster.compared()).cloud).toEqual([]);
    ground().sandbox.faults.clear();
  });
}
