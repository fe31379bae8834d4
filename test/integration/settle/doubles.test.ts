import { describe, expect, it } from 'vitest';
import { useGround, type SettledCluster } from './ground.js';

describe('two of what the cluster has one of', () => {
  const ground = useGround();

  /** A cluster whose key exists without its state's knowledge, and that has got no further. */
  async function withLostKey(name: string): Promise<SettledCluster> {
    const cluster = await ground().cluster(name);
    ground().sandbox.faults.add({ type: 'aws:kms/key:Key', kind: 'lose-answer', operation: 'create', times: 1 });
    ground().sandbox.faults.add({ type: 'aws:ec2/vpc:Vpc', kind: 'fail', operation: 'create', times: 1000 });
    await expect(cluster.up()).rejects.toThrow();
    ground().sandbox.faults.clear();
    return cluster;
  }

  it('are named and left to people, whatever else the look at them meets', async () => {
    // Both clusters have the same uid here, so each finds the other's key beside its own.
    await withLostKey('one');
    const other = await withLostKey('other');
    await expect(other.settle()).rejects.toMatchObject({ code: 'pending-operations', resource: 'key', message: expect.stringMatching(/more than one key .*: \S+, \S+\. It cannot be told/) });
  });
});
