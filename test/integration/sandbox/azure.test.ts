import type { EngineEvent, Stack } from '@pulumi/pulumi/automation/index.js';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { azureProgram, knobs, type Knobs } from './azure-program.js';
import { changesOf, RunningSandbox, stackOn } from './running-sandbox.js';

let sandbox: RunningSandbox;
beforeAll(async () => {
  sandbox = await RunningSandbox.start();
});
afterAll(() => sandbox.stop());

const quiet = { color: 'never', parallel: 32, suppressProgress: true } as const;
const stack = (changes: Partial<Knobs> = {}): Promise<Stack> => {
  const all = { ...knobs, ...changes };
  return stackOn(sandbox, all.cluster, azureProgram(all));
};

async function run(operation: 'up' | 'preview', changes: Partial<Knobs> = {}): Promise<string[]> {
  const events: EngineEvent[] = [];
  const target = await stack(changes);
  await target[operation]({ ...quiet, onEvent: (event) => events.push(event) });
  return changesOf(events);
}

async function refreshed(): Promise<string[]> {
  const result = await (await stack()).refresh({ ...quiet, runProgram: true });
  return Object.entries(result.summary.resourceChanges ?? {}).filter(([operation]) => operation !== 'same').map(([operation, count]) => `${operation} ${count}`);
}

const listed = async () => (await sandbox.inventory('demo')).items.map(({ type, resource }) => `${type.split(':').at(-1) ?? ''} ${resource ?? ''}`).sort();
const scaleSet = '/subscriptions/5ab5c0de-0000-4000-8000-000000000001/resourceGroups/demo-group/providers/Microsoft.Compute/virtualMachineScaleSets/general';

describe('azure on the real engine', () => {
  it('is served beside the others', () => expect(Object.keys(sandbox.announcement.providers)).toEqual(['aws', 'azure-native', 'kubernetes']));

  it('previews without an effect, creates, and then has nothing to do', async () => {
    expect(await run('preview')).toContain('create cp-1');
    expect(await listed()).toEqual([]);

    const result = await (await stack()).up(quiet);
    expect(result.outputs['address']?.value).toMatch(/^127\.(6[4-9]|[7-9]\d|1[01]\d|12[0-7])\./);
    expect(await listed()).toEqual([
      'Disk cp-1', 'LoadBalancer api', 'NetworkInterface cp-1', 'NetworkInterface pool-general', 'NetworkInterface pool-general', 'NetworkSecurityGroup nodes', 'ResourceGroup group',
      'RoleAssignment vault', 'SecurityRule nodes', 'Subnet network', 'UserAssignedIdentity identity', 'Vault vault', 'VirtualMachine cp-1', 'VirtualMachineScaleSet pool-general',
      'VirtualMachineScaleSetVM pool-general', 'VirtualMachineScaleSetVM pool-general', 'VirtualNetwork network',
    ]);
    expect(await run('preview')).toEqual([]);
    expect(await refreshed()).toEqual([]);
  });

  it('updates in place what can be, and replaces what must be, the old one first', async () => {
    expect(await run('up', { port: '7443' })).toEqual(['update api']);
    const changes = await run('preview', { port: '7443', identity: 'other' });
    expect(changes).toEqual(expect.arrayContaining(['delete-replaced identity', 'create-replacement identity', 'delete-replaced reads', 'create-replacement reads', 'update cp-1']));
    expect(await run('up', { port: '7443', identity: 'other', capacity: 3 })).toEqual(expect.arrayContaining(['create-replacement identity', 'update pool']));
    expect((await listed()).filter((one) => one.startsWith('VirtualMachineScaleSetVM'))).toHaveLength(3);
    await run('up');
  });

  it('sees drift: an instance that somebody deleted, and a vanished machine with what it took along', async () => {
    await sandbox.post(`/resources/${encodeURIComponent(`${scaleSet}/virtualMachines/1`)}/delete`, {});
    expect(await refreshed()).toEqual(['update 1']);
    expect(await run('up')).toEqual(['update pool']);
    const { id } = (await sandbox.inventory('demo')).items.find(({ type }) => type === 'azure-native:compute:VirtualMachine') ?? { id: '' };
    await sandbox.post(`/resources/${encodeURIComponent(id)}/delete`, {});
    expect(await refreshed()).toEqual(['delete 2']);
    expect(await run('up')).toEqual(['create cp-1', 'create cp-1']);
  });

  it('meets faults in Azure\'s words, and goes on from there', async () => {
    await sandbox.post('/faults', { type: 'azure-native:network:SecurityRule', cluster: 'demo', operation: 'update', kind: 'throttle', times: 9 });
    await expect(run('up', { port: '8443' })).rejects.toThrow(/Status=429 Code="TooManyRequests"/);
    await fetch(`${sandbox.announcement.control}/faults`, { method: 'DELETE' });
    expect(await run('up', { port: '8443' })).toEqual(['update api']);
  });

  it('refuses a subscription that is not the sandbox\'s', async () => {
    await expect(run('up', { cluster: 'stranger', subscriptionId: '00000000-0000-4000-8000-000000000009' })).rejects.toThrow(/SubscriptionNotFound/);
  });

  it('deletes in the order of dependencies, after a restart too, and keeps the vault\'s name', async () => {
    await sandbox.kill('SIGKILL');
    await sandbox.restart();
    await (await stack()).destroy(quiet);
    const { items, kept } = await sandbox.inventory('demo');
    expect(items).toEqual([]);
    expect(kept).toMatchObject([{ type: 'azure-native:keyvault:Vault', reason: 'reserved-name' }]);
    await expect(run('up')).rejects.toThrow(/ConflictError/);
    await sandbox.post('/clock', { advanceSeconds: 8 * 86_400 });
    expect(await run('up')).toEqual(expect.arrayContaining(['create reads', 'create vault']));
    await (await stack()).destroy(quiet);
  });
});
