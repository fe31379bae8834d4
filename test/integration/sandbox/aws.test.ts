import { readFile } from 'node:fs/promises';
import type { EngineEvent, Stack } from '@pulumi/pulumi/automation/index.js';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { knobs, networkProgram, type Knobs } from './network-program.js';
import { changesOf, RunningSandbox, stackOn } from './running-sandbox.js';

let sandbox: RunningSandbox;
beforeAll(async () => {
  sandbox = await RunningSandbox.start();
});
afterAll(() => sandbox.stop());

const quiet = { color: 'never', parallel: 32, suppressProgress: true } as const;
const stack = (changes: Partial<Knobs> = {}): Promise<Stack> => {
  const all = { ...knobs, ...changes };
  return stackOn(sandbox, all.cluster, networkProgram(all));
};

async function run(operation: 'up' | 'preview', changes: Partial<Knobs> = {}): Promise<string[]> {
  const events: EngineEvent[] = [];
  const target = await stack(changes);
  await target[operation]({ ...quiet, onEvent: (event) => events.push(event) });
  return changesOf(events);
}

async function refreshed(changes: Partial<Knobs> = {}): Promise<string[]> {
  const result = await (await stack(changes)).refresh({ ...quiet, runProgram: true });
  return Object.entries(result.summary.resourceChanges ?? {}).filter(([operation]) => operation !== 'same').map(([operation, count]) => `${operation} ${count}`);
}

describe('aws on the real engine', () => {
  it('previews without an effect, creates, and then has nothing to do', async () => {
    expect(await run('preview')).toContain('create cp-1');
    expect((await sandbox.inventory('demo')).items).toEqual([]);

    const result = await (await stack()).up(quiet);
    expect(result.outputs['address']?.value).toMatch(/^127\.(6[4-9]|[7-9]\d|1[01]\d|12[0-7])\./);
    expect((await sandbox.inventory('demo')).items.map(({ type, resource }) => `${type.split(':').at(-1) ?? ''} ${resource ?? ''}`).sort()).toEqual([
      'Instance cp-1', 'Listener listener', 'LoadBalancer api', 'SecurityGroup nodes', 'SecurityGroupIngressRule api-rule',
      'Subnet subnet-0', 'Subnet subnet-1', 'Subnet subnet-2', 'TargetGroup targets', 'TargetGroupAttachment targets', 'Vpc vpc',
    ]);
    expect(await run('preview')).toEqual([]);
    expect(await refreshed()).toEqual([]);
  });

  it('keeps secrets secret in the state', async () => {
    const state = JSON.stringify((await (await stack()).workspace.exportStack('demo')).deployment);
    const file = await readFile(`${sandbox.home}/.pulumi/stacks/sandbox-test/demo.json`, 'utf8');
    expect(state).toContain(knobs.secret);
    expect(file).not.toContain(knobs.secret);
  });

  it('updates in place what can be, and says what must be replaced', async () => {
    expect(await run('up', { port: 7443 })).toEqual(['update api']);
    expect(await run('up', { port: 7443, instanceType: 'm7i.xlarge' })).toEqual(['update cp-1']);
    expect(await run('up')).toEqual(['update api', 'update cp-1']);
  });

  it('sees drift: a changed property and a vanished resource', async () => {
    const { items } = await sandbox.inventory('demo');
    const idOf = (name: string) => encodeURIComponent(items.find(({ resource }) => resource === name)?.id ?? '');
    expect(await sandbox.post(`/resources/${idOf('cp-1')}/mutate`, { instanceType: 't3.nano' })).toMatchObject({ status: 200 });
    expect(await sandbox.post(`/resources/${idOf('api-rule')}/delete`, {})).toMatchObject({ status: 200 });
    expect((await refreshed()).sort()).toEqual(['delete 1', 'update 1']);
    expect(await run('up')).toEqual(['create api', 'update cp-1']);
  });

  it('survives a SIGKILL with all that it had answered', async () => {
    const before = (await sandbox.inventory('demo')).items;
    await sandbox.kill('SIGKILL');
    await sandbox.restart();
    expect((await sandbox.inventory('demo')).items).toEqual(before);
    expect(await run('preview')).toEqual([]);
  });

  it('deletes in the order of dependencies', async () => {
    const events: EngineEvent[] = [];
    await (await stack()).destroy({ ...quiet, onEvent: (event) => events.push(event) });
    const deleted = events.flatMap(({ resOutputsEvent }) => (resOutputsEvent?.metadata.op === 'delete' ? [resOutputsEvent.metadata.urn.split('::').slice(2).join(' ')] : []));
    expect(deleted.indexOf('aws:ec2/vpc:Vpc vpc')).toBeGreaterThan(deleted.indexOf('aws:ec2/subnet:Subnet subnet-0'));
    expect(await sandbox.inventory('demo')).toEqual({ items: [], kept: [] });
  });
});

describe('trouble on the real engine', () => {
  it('refuses an account that is not the sandbox\'s', async () => {
    await expect(run('up', { cluster: 'stranger', allowedAccountIds: ['999999999999'] })).rejects.toThrow(/AWS account ID not allowed: 123456789012/);
    expect((await sandbox.inventory('stranger')).items).toEqual([]);
  });

  it('shows a failed resource with the cloud\'s words, and goes on from there', async () => {
    await sandbox.post('/faults', { type: 'aws:lb/loadBalancer:LoadBalancer', cluster: 'unlucky', operation: 'create', kind: 'fail', message: 'TooManyLoadBalancers: quota reached' });
    await expect(run('up', { cluster: 'unlucky' })).rejects.toThrow(/TooManyLoadBalancers: quota reached/);
    expect(await run('up', { cluster: 'unlucky' })).toEqual(expect.arrayContaining(['create api']));
    await (await stack({ cluster: 'unlucky' })).destroy(quiet);
  });

  it('leaves an orphan when an answer is lost', async () => {
    await sandbox.post('/faults', { type: 'aws:ec2/vpc:Vpc', cluster: 'orphan', kind: 'lose-answer' });
    await expect(run('up', { cluster: 'orphan' })).rejects.toThrow(/connection reset/);
    expect((await sandbox.inventory('orphan')).items).toMatchObject([{ type: 'aws:ec2/vpc:Vpc', resource: 'vpc' }]);
    await (await stack({ cluster: 'orphan' })).destroy(quiet);
    expect((await sandbox.inventory('orphan')).items).toHaveLength(1);
  });

  it('ends a stalled creation when the engine is cancelled', async () => {
    await sandbox.post('/faults', { type: 'aws:ec2/vpc:Vpc', cluster: 'stalled', kind: 'stall' });
    const target = await stack({ cluster: 'stalled' });
    const cancel = new AbortController();
    const ended = target.up({ ...quiet, signal: cancel.signal, onEvent: ({ resourcePreEvent }) => {
      if (resourcePreEvent?.metadata.type === 'aws:ec2/vpc:Vpc') setTimeout(() => cancel.abort(), 300);
    } });
    await expect(ended).rejects.toThrow(/cancel/i);
    const { pending_operations: pending = [] } = (await target.exportStack()).deployment as { pending_operations?: unknown[] };
    expect(pending).toEqual([]);
  });

  it('refuses control requests that make no sense', async () => {
    expect(await sandbox.post('/faults', { kind: 'explode' })).toMatchObject({ status: 422 });
    expect(await sandbox.post('/resources/vpc-none/delete', {})).toMatchObject({ status: 404 });
    expect(await sandbox.post('/nothing', {})).toMatchObject({ status: 404 });
  });
});
