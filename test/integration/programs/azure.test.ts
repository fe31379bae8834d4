import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { AzureAccount } from '../../../model/accounts.js';
import type { ClusterSpec } from '../../../model/spec.js';
import { recordInState, recordType } from '../../../programs/record.js';
import { nodeTemplates } from '../../../programs/nodes/templates.js';
import { infrastructureOutputNames } from '../../../programs/provider.js';
import { azureInputOf, specOf } from '../../support/infrastructure-input.js';
import { azure, startInfrastructureEngine, type InfrastructureEngine } from './engine.js';

/** Read once: a pool's model follows them, so an edit while the test runs would be a change. */
const templates = nodeTemplates();
let engine: InfrastructureEngine<AzureAccount>;
beforeAll(async () => {
  engine = await startInfrastructureEngine({ ...azure, program: (input, changed = templates) => azure.program(input, changed) });
});
afterAll(async () => {
  await engine.stop();
});

const machineTypes = ['azure-native:compute:VirtualMachine', 'azure-native:compute:Disk', 'azure-native:compute:VirtualMachineScaleSet'];
const machines = (cluster: string) => engine.sandbox.inventory.list(cluster).filter((item) => machineTypes.includes(item.type)).map(({ id }) => id).sort();
/** Ids of roles and their assignments follow from the uid alone, so each cluster has one of its own. */
const inputFor = (spec: ClusterSpec, uid: string) => azureInputOf(spec, { uid, retainBackups: false });
const withPool = (spec: ClusterSpec, change: Partial<ClusterSpec['nodePools'][number]>): ClusterSpec => ({ ...spec, nodePools: spec.nodePools.map((pool) => ({ ...pool, ...change })) });

describe('azure infrastructure on the engine', () => {
  it('goes through the life of a production cluster, and changes only what it must', async () => {
    const spec = await specOf('production', { name: 'life', provider: 'azure' });
    const input = inputFor(spec, 'abc123def456');

    const { outputs } = await engine.up(input);
    expect(Object.keys(outputs).sort()).toEqual([...infrastructureOutputNames].sort());
    expect(outputs).toMatchObject({
      apiServerAddress: expect.stringMatching(/^\d+\.\d+\.\d+\.\d+$/) as string,
      publicAddress: null,
      zones: ['westeurope-1', 'westeurope-2', 'westeurope-3'],
      backupStore: 'https://lifeabc123backups.blob.core.windows.net/cluster',
      issuerUrl: 'https://lifeabc123issuer.blob.core.windows.net/issuer',
      keyId: expect.stringContaining('/diskEncryptionSets/life-abc123-key') as string,
      controlPlane: [
        { name: 'life-cp-1', zone: 'westeurope-1', address: '10.20.128.16' },
        { name: 'life-cp-2', zone: 'westeurope-2', address: '10.20.128.17' },
        { name: 'life-cp-3', zone: 'westeurope-3', address: '10.20.128.18' },
      ],
      nodePools: { general: 'life-abc123-pool-general' },
      nodeSubnets: { 'control-plane': expect.stringMatching(/\/subnets\/control-plane$/) as string, workers: expect.stringMatching(/\/subnets\/workers$/) as string },
    });
    expect(Object.keys(outputs['addonIdentities'] as object).sort()).toEqual(['cloud-controller-manager', 'cluster-autoscaler', 'disk-csi', 'external-secrets', 'loki', 'tempo', 'velero']);
    expect(recordInState(await engine.state(input))).toEqual({ schema: 1, uid: input.uid, slot: input.slot, installation: input.installation, spec });

    // The same again is nothing, nor is anything found to have drifted.
    expect(await engine.preview(input)).toEqual([]);
    expect(await engine.refresh(input)).toEqual([]);

    // A pool's bounds are that pool's business, and then nobody's.
    const wider = inputFor(withPool(spec, { maxNodes: 12 }), input.uid);
    expect((await engine.up(wider)).changes).toEqual(['update pool-general']);
    expect(recordInState(await engine.state(wider))?.spec.nodePools[0]?.maxNodes).toBe(12);

    // New node templates are a pool's new model, and touch no machine that runs.
    const before = machines('life');
    const renewed = { ...templates, cloudConfig: `${templates.cloudConfig}\n# changed\n`, revision: 'changed00000' };
    const longer = inputFor({ ...wider.spec, compliance: { ...spec.compliance, logRetentionDays: 365 } }, input.uid);
    expect((await engine.up(longer, renewed)).changes).toEqual(['update backups', 'update flow-logs', 'update flow-logs', 'update pool-general']);
    expect(machines('life')).toEqual(before);

    // Another machine type is a new model too, and replaces nothing that runs.
    const larger = inputFor(withPool(longer.spec, { machineType: 'Standard_D8s_v5' }), input.uid);
    expect(await engine.preview(larger, renewed)).toEqual(['update pool-general']);

    await engine.destroy(longer);
    expect(engine.sandbox.inventory.list('life')).toEqual([]);
  });

  it('opens and closes a public API server beside the internal one, and replaces no machine', async () => {
    const spec = await specOf('development', { name: 'opened', provider: 'azure', network: { cidr: '10.23.0.0/16' } });
    const input = inputFor(spec, 'bcd234efa567');
    await engine.up(input);
    const before = machines('opened');

    const open = inputFor({ ...spec, network: { ...spec.network, apiServer: { public: true, allowedCidrs: ['203.0.113.0/24'] } } }, input.uid);
    const { changes, outputs } = await engine.up(open);
    expect(changes).toEqual(['create api-public', 'create api-public', 'create control-plane-in-api-allowed', 'update cp-1']);
    expect(outputs['publicAddress']).toMatch(/^\d+\.\d+\.\d+\.\d+$/);
    expect(machines('opened')).toEqual(before);

    await engine.up(input);
    await engine.destroy(input);
    expect(engine.sandbox.inventory.list('opened')).toEqual([]);
  });

  it('keeps the backups and the key to them when they are retained', async () => {
    const input = inputFor(await specOf('development', { name: 'retained', provider: 'azure', network: { cidr: '10.21.0.0/16' }, deletion: { retain: 'backups' } }), 'cde345fab678');
    await engine.up(input);
    await engine.destroy({ ...input, retainBackups: true });
    expect(engine.sandbox.inventory.list('retained').map(({ type, resource }) => `${type.split(':').at(-1) ?? ''} ${resource ?? ''}`).sort()).toEqual([
      'BlobContainer backups',
      'BlobServiceProperties backups',
      'Key key',
      'ManagementPolicy backups',
      'ResourceGroup group',
      'StorageAccount backups',
      'Vault vault-applications',
      'Vault vault-control-plane',
    ]);
  });

  it('has the record in the state before the first cloud resource', async () => {
    const input = inputFor(await specOf('development', { name: 'unlucky', provider: 'azure', network: { cidr: '10.22.0.0/16' } }), 'def456abc789');
    engine.sandbox.faults.add({ type: 'azure-native:network:VirtualNetwork', cluster: 'unlucky', kind: 'fail', times: 1, message: 'QuotaExceeded' });
    await expect(engine.up(input)).rejects.toThrow(/QuotaExceeded/);

    const state = await engine.state(input);
    expect(recordInState(state)).toMatchObject({ uid: input.uid, spec: { name: 'unlucky', network: { cidr: '10.22.0.0/16' } } });
    const position = (test: (type: string) => boolean) => state.resources.findIndex(({ type }) => test(type));
    expect(position((type) => type === recordType)).toBeLessThan(position((type) => type === 'pulumi:providers:azure-native'));
    expect(state.resources.some(({ type }) => type === 'azure-native:network:VirtualNetwork')).toBe(false);

    await engine.destroy(input);
    expect(engine.sandbox.inventory.list('unlucky')).toEqual([]);
  });
});
