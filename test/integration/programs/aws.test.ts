import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { AwsAccount } from '../../../model/accounts.js';
import type { ClusterSpec } from '../../../model/spec.js';
import { recordInState, recordType } from '../../../programs/record.js';
import { nodeArchive } from '../../../programs/nodes/archive.js';
import { nodeTemplates } from '../../../programs/nodes/templates.js';
import { infrastructureOutputNames } from '../../../programs/provider.js';
import { inputOf, specOf } from '../../support/infrastructure-input.js';
import { aws, startInfrastructureEngine, type InfrastructureEngine } from './engine.js';

let engine: InfrastructureEngine<AwsAccount>;
beforeAll(async () => {
  engine = await startInfrastructureEngine(aws);
});
afterAll(async () => {
  await engine.stop();
});

const machineTypes = ['aws:ec2/instance:Instance', 'aws:ebs/volume:Volume', 'aws:autoscaling/group:Group'];
const machines = (cluster: string) => engine.sandbox.inventory.list(cluster).filter((item) => machineTypes.includes(item.type)).map(({ id }) => id).sort();
const withPool = (spec: ClusterSpec, change: Partial<ClusterSpec['nodePools'][number]>): ClusterSpec => ({ ...spec, nodePools: spec.nodePools.map((pool) => ({ ...pool, ...change })) });

describe('aws infrastructure on the engine', () => {
  it('goes through the life of a production cluster, and changes only what it must', async () => {
    const spec = await specOf('production', { name: 'life' });
    const input = inputOf(spec, { retainBackups: false });

    const { outputs } = await engine.up(input);
    expect(Object.keys(outputs).sort()).toEqual([...infrastructureOutputNames].sort());
    expect(outputs).toMatchObject({
      publicAddress: null,
      zones: ['eu-west-1a', 'eu-west-1b', 'eu-west-1c'],
      backupStore: 'life-abc123-backups',
      issuerUrl: 'https://life-abc123-issuer.s3.eu-west-1.amazonaws.com',
      controlPlane: [
        { name: 'life-cp-1', zone: 'eu-west-1a', address: '10.20.0.16' },
        { name: 'life-cp-2', zone: 'eu-west-1b', address: '10.20.64.16' },
        { name: 'life-cp-3', zone: 'eu-west-1c', address: '10.20.128.16' },
      ],
      nodePools: { general: 'life-abc123-pool-general' },
    });
    expect(recordInState(await engine.state(input))).toEqual({ schema: 1, uid: input.uid, slot: input.slot, installation: input.installation, spec });

    // The same again is nothing, nor is anything found to have drifted.
    expect(await engine.preview(input)).toEqual([]);
    expect(await engine.refresh(input)).toEqual([]);

    // A pool's bounds are that pool's business, and then nobody's.
    const wider = inputOf(withPool(spec, { maxNodes: 12 }), { retainBackups: false });
    expect((await engine.up(wider)).changes).toEqual(['update pool-general']);
    expect(recordInState(await engine.state(wider))?.spec.nodePools[0]?.maxNodes).toBe(12);

    // New node templates beside an unrelated change touch no machine and no pool; the archive that today's machines were made with stays.
    const before = machines('life');
    const templates = nodeTemplates();
    const later = [...templates.folders['control-plane-later'], { path: '/opt/clusterwright/tasks/another.sh', mode: '0755' as const, content: 'true\n' }];
    const renewed = { ...templates, cloudConfig: `${templates.cloudConfig}\n# changed\n`, folders: { ...templates.folders, 'control-plane-later': later }, revision: 'changed00000' };
    const archives = () => engine.sandbox.inventory.list('life').filter(({ type }) => type === 'aws:s3/bucketObjectv2:BucketObjectv2').map(({ id }) => id).sort();
    const keys = [templates, renewed].map((given) => `life-abc123-backups/${nodeArchive(given).facts.key}`);
    expect(archives()).toEqual(keys.slice(0, 1));
    const longer = inputOf({ ...wider.spec, compliance: { ...spec.compliance, logRetentionDays: 365 } }, { retainBackups: false });
    expect((await engine.up(longer, renewed)).changes).toEqual([
      'create-replacement control-plane-archive', 'delete-replaced control-plane-archive', 'replace control-plane-archive', 'update backups', 'update flow-logs',
    ]);
    expect(machines('life')).toEqual(before);
    expect(archives()).toEqual([...keys].sort());

    // Another machine type is a new launch template for what comes, and replaces nothing that runs.
    const larger = inputOf(withPool(longer.spec, { machineType: 'm7i.2xlarge' }), { retainBackups: false });
    const changes = await engine.preview(larger, renewed);
    expect(changes.map((change) => change.replace(/-[0-9a-f]{6}$/, ''))).toEqual(['create pool-general', 'delete pool-general', 'update pool-general']);

    await engine.destroy(longer);
    expect(engine.sandbox.inventory.list('life')).toEqual([]);
  });

  it('keeps the backups and their key when they are retained', async () => {
    const input = inputOf(await specOf('development', { name: 'retained', network: { cidr: '10.21.0.0/16' }, deletion: { retain: 'backups' } }), { retainBackups: false });
    await engine.up(input);
    await engine.destroy({ ...input, retainBackups: true });
    expect(engine.sandbox.inventory.list('retained').map(({ type, resource }) => `${type.split(':').at(-1) ?? ''} ${resource ?? ''}`).sort()).toEqual([
      'Bucket backups',
      'BucketLifecycleConfiguration backups',
      'BucketObjectv2 control-plane-archive',
      'BucketOwnershipControls backups',
      'BucketPolicy backups',
      'BucketPublicAccessBlock backups',
      'BucketServerSideEncryptionConfiguration backups',
      'BucketVersioning backups',
      'Key key',
    ]);
  });

  it('has the record in the state before the first cloud resource', async () => {
    const input = inputOf(await specOf('development', { name: 'unlucky', network: { cidr: '10.22.0.0/16' } }));
    engine.sandbox.faults.add({ type: 'aws:ec2/vpc:Vpc', cluster: 'unlucky', kind: 'fail', times: 1, message: 'VpcLimitExceeded' });
    await expect(engine.up(input)).rejects.toThrow(/VpcLimitExceeded/);

    const state = await engine.state(input);
    expect(recordInState(state)).toMatchObject({ uid: input.uid, spec: { name: 'unlucky', network: { cidr: '10.22.0.0/16' } } });
    const position = (test: (type: string) => boolean) => state.resources.findIndex(({ type }) => test(type));
    expect(position((type) => type === recordType)).toBeLessThan(position((type) => type === 'pulumi:providers:aws'));
    expect(state.resources.some(({ type }) => type === 'aws:ec2/vpc:Vpc')).toBe(false);

    await engine.destroy(input);
    expect(engine.sandbox.inventory.list('unlucky')).toEqual([]);
  });
});
