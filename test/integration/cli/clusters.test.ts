import { readFile, stat, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { parse, stringify } from 'yaml';
import { CommandLine, program } from '../../support/command-line.js';
import { shortRequest } from '../../support/portal.js';
import { SeveredLink } from '../../support/severed-link.js';
import { useService } from '../../support/use-service.js';

const planted = 'planted-secret-8f3a';
const held = { kind: 'stall', type: 'aws:ec2/natGateway:NatGateway', operation: 'create', seconds: 600, cluster: 'first' };
const begun = 'Provision the infrastructure: running';

const { service, portal } = useService();
let commands: CommandLine;

beforeAll(async () => {
  commands = await CommandLine.open(() => ({ CLUSTERWRIGHT_URL: service.url, CLUSTERWRIGHT_TOKEN: planted }));
  await writeFile(path.join(commands.folder, 'first.yaml'), `# The first cluster.\n${stringify({ ...shortRequest('first'), owner: 'payments' })}`);
});
afterAll(() => commands.close());

async function jobsOf(name: string): Promise<{ id: string; kind: string; state: string }[]> {
  const { stdout } = await commands.run(['jobs', 'list', '--cluster', name, '-o', 'json']);
  return JSON.parse(stdout) as { id: string; kind: string; state: string }[];
}

describe('the command line on a running service', () => {
  it('plans a cluster without making it', async () => {
    const { code, stdout, stderr } = await commands.run(['plan', '-f', 'first.yaml']);

    expect(stderr).toContain('Work out the plan: succeeded');
    expect(code).toBe(0);
    expect(stdout).toMatch(/first would be created\n.*to create, 0 to update, 0 to replace, 0 to delete/);
    expect(stdout).toContain('+ aws:ec2/vpc:Vpc vpc');
    expect((await commands.run(['get', 'first'])).code).toBe(5);
  });

  it('leaves a creation running when it is interrupted, and goes on with it when the same is asked for again, also after the connection was lost', async () => {
    await portal.plantFault(held);
    const interrupted = commands.start(['create', '-f', 'first.yaml', '--watch']);
    await interrupted.says(begun);
    interrupted.process.kill('SIGINT');
    const { code, stdout, stderr } = await interrupted.ended;
    expect({ code, stdout }).toEqual({ code: 130, stdout: '' });
    const [, id = ''] = /clusterwright jobs watch (\w+)/.exec(stderr) ?? [];
    expect((await portal.job(id)).state).toBe('running');

    const link = await SeveredLink.to(service.url);
    const { access, ...rest }: Record<string, unknown> = { ...shortRequest('first'), owner: 'payments' };
    const again = commands.start(['create', '-f', '-', '--watch', '-o', 'json'], { input: JSON.stringify({ access, ...rest }), env: { CLUSTERWRIGHT_URL: link.url } });
    await again.says(begun);
    await link.cut();
    await again.says('the connection is lost, the job goes on');
    await link.mend();
    await portal.clearFaults();
    const resumed = await again.ended;
    await link.cut();

    expect(resumed.stderr).toContain('the service answers again');
    expect(resumed.code).toBe(0);
    expect(JSON.parse(resumed.stdout)).toMatchObject({ id, kind: 'create', state: 'succeeded' });
    expect((await jobsOf('first')).filter(({ kind }) => kind === 'create')).toEqual([expect.objectContaining({ id })]);
  });

  it('says of the same creation that it is done already', async () => {
    const { code, stdout, stderr } = await commands.run(['create', '-f', 'first.yaml', '--watch']);

    expect(code).toBe(0);
    expect(stderr).toContain('has ended already');
    expect(stdout).toMatch(/^cluster +first \(ready, simulated\)\n/);
  });

  it('lists and shows in the form that is asked for', async () => {
    const table = await commands.run(['list']);
    const [heading = '', row = ''] = table.stdout.split('\n');
    expect(heading.split(/ {2,}/)).toEqual(['NAME', 'STATE', 'PROVIDER', 'REGION', 'VERSION', 'NODES', 'OWNER', 'AGE', 'LAST JOB']);
    expect(row.split(/ {2,}/)).toEqual(['first', 'ready', 'aws', 'eu-west-1', expect.stringMatching(/^1\.3\d$/), '1+1', 'payments', expect.any(String), 'create succeeded']);
    expect(JSON.parse((await commands.run(['list', '-o', 'json', '--state', 'ready'])).stdout)).toEqual([expect.objectContaining({ name: 'first' })]);
    expect(parse((await commands.run(['list', '-o', 'yaml', '--owner', 'nobody'])).stdout)).toEqual([]);
    expect((await commands.run(['templates'])).stdout).toMatch(/\nproduction +aws, azure/);
    expect(parse((await commands.run(['templates', 'production', '-o', 'yaml'])).stdout)).toMatchObject({ name: 'production' });
  });

  it('tells every fault of a document with its line and column', async () => {
    await writeFile(path.join(commands.folder, 'faults.yaml'), 'owner: payments\nnodePools:\n  - name: general\n    minNodes: 5\n    maxNodes: 2\n    machineType: t3.large\n');
    const { code, stdout, stderr } = await commands.run(['update', 'first', '-f', 'faults.yaml', '--set', 'unheardOf=1', '-o', 'json']);

    expect({ code, stdout }).toEqual({ code: 2, stdout: '' });
    expect(stderr).toMatch(/faults\.yaml:5:5: \/nodePools\/0\/maxNodes /);
    expect(stderr).toMatch(/\n {2}\/unheardOf /);
  });

  it('refuses what is no command, no YAML, or says nothing, before it asks anybody', async () => {
    const nowhere = { env: { CLUSTERWRIGHT_URL: 'http://127.0.0.1:9' } };
    await writeFile(path.join(commands.folder, 'broken.yaml'), 'name: [first\nowner: x\n');
    const refused = await Promise.all([['lst'], ['create'], ['create', '-f', 'broken.yaml'], ['create', '-f', 'not-there.yaml'], ['update', 'first'], ['list', '-o', 'xml'], ['jobs', 'watch', 'x', '--timeout', 'soon'], ['list', '--url', 'ftp://x']]
      .map((args) => commands.run(args, nowhere)));

    expect(refused.map(({ code }) => code)).toEqual(refused.map(() => 2));
    expect((await commands.run(['list'], nowhere)).code).toBe(7);
    expect(await commands.run(['create', '-f', 'first.yaml'], nowhere)).toMatchObject({ code: 7, stderr: expect.stringContaining('nothing is made twice') });
  });

  it('shows what a document would change in a cluster that is there, and scales a pool', async () => {
    const planned = await commands.run(['plan', '-f', 'first.yaml', '--set', 'labels.team=blue']);
    expect(planned).toMatchObject({ code: 0, stdout: expect.stringContaining('labels.team: not set → "blue"') });

    const scaled = await commands.run(['scale', 'first', 'general', '--max', '4', '--watch', '-o', 'yaml']);
    expect(scaled.code).toBe(0);
    expect(parse(scaled.stdout)).toMatchObject({ kind: 'update', state: 'succeeded' });
    expect((await commands.run(['get', 'first'])).stdout).toContain('general: t3.large, 1 to 4 nodes');
    expect(await commands.run(['scale', 'first', 'other', '--max', '4'])).toMatchObject({ code: 2, stderr: expect.stringContaining('it has: general') });
    // What was created before has changed since: it is not taken for new.
    expect(await commands.run(['create', '-f', 'first.yaml'])).toMatchObject({ code: 5, stderr: expect.stringContaining('clusterwright update first') });
  });

  it('looks at what stands in the way of an upgrade, and asks for none that cannot be', async () => {
    const checked = await commands.run(['upgrade', 'first', '1.36', '--check']);

    expect(checked.code).toBe(0);
    expect(checked.stdout).toMatch(/^CHECK +STATE +FOUND +HINT\nversion +ok +From 1\.35 to 1\.36\./);
    for (const version of ['1.34', '1.99']) {
      const refused = await commands.run(['upgrade', 'first', version]);
      expect(refused.code).toBe(2);
      expect(refused.stderr).toContain('/kubernetesVersion');
    }
  });

  it('asks for an upgrade in place with a minor only', async () => {
    expect((await commands.run(['upgrade', 'first', '1.36', '--in-place', '--check'])).code).toBe(0);
    expect(await commands.run(['upgrade', 'first', '--machine-images', '--in-place'])).toMatchObject({ code: 2, stderr: expect.stringContaining('--in-place is for') });
  });

  it('lists which machines an upgrade to the current image would replace, and takes no minor beside it', async () => {
    const checked = await commands.run(['upgrade', 'first', '--machine-images', '--check']);

    expect(checked.code).toBe(0);
    expect(checked.stdout).toMatch(/\nNODE +IMAGE +OF +KUBERNETES\n(\S+ +ami-[0-9a-f]{17} +2026-11-03 +1\.35\.\d+\n?)+$/);
    for (const words of [['--machine-images', '1.36'], []]) expect(await commands.run(['upgrade', 'first', ...words])).toMatchObject({ code: 2, stderr: expect.stringContaining('and not both') });
  });

  it('shows what a cluster would cost with its machines off, and switches none', async () => {
    const planned = await commands.run(['hibernate', 'first', '--plan']);

    expect(planned.code).toBe(0);
    expect(planned.stdout).toMatch(/about \d+\.\d\d USD a month, \d+\.\d\d USD before/);
    expect(planned.stdout).toMatch(/3 × etcd disks|1 × etcd disks/);
    expect((await commands.run(['get', 'first'])).stdout).toContain('ready');
  });

  it('writes a kubeconfig that nobody else can read, and over no other file', async () => {
    const file = path.join(commands.folder, 'kubeconfig');
    expect((await commands.run(['kubeconfig', 'first', '-o', file])).code).toBe(0);

    expect((await stat(file)).mode & 0o777).toBe(0o600);
    const written = await readFile(file, 'utf8');
    expect(parse(written)).toMatchObject({ kind: 'Config' });
    expect((await commands.run(['kubeconfig', 'first'])).stdout).toBe(written);
    expect((await commands.run(['kubeconfig', 'first', '-o', file])).code).toBe(2);
    expect((await commands.run(['kubeconfig', 'first', '-o', file, '--force'])).code).toBe(0);
  });

  it('deletes only what was said to be deleted: by --yes, or by its name on a terminal, where bars show how far it is', async () => {
    // `script` gives a command a terminal.
    const onTerminal = (typed: string, ...more: string[]) => commands.startProgram('script', ['-qec', `'${process.execPath}' '${program}' delete first --retain none ${more.join(' ')}`, '/dev/null'], { input: `${typed}\n`, env: { TERM: 'xterm' } }).ended;
    expect(await commands.run(['delete', 'first'])).toMatchObject({ code: 2, stderr: expect.stringContaining('--yes') });
    expect(await onTerminal('second')).toMatchObject({ code: 2, stdout: expect.stringContaining('nothing was done') });
    expect(await commands.run(['delete', 'first', '--dry-run'])).toMatchObject({ code: 0, stdout: expect.stringContaining('first would be deleted') });
    expect((await jobsOf('first')).filter(({ kind }) => kind === 'delete')).toEqual([]);

    expect(await onTerminal('first')).toMatchObject({ code: 0 });
    // The deletion that runs is the one that is asked for.
    const deleted = await onTerminal('', '--yes', '--watch');

    expect(deleted.code).toBe(0);
    expect(deleted.stdout).toMatch(/Scan for leftovers +█+/);
    expect(deleted.stdout).toMatch(/receipt +\d+ kinds checked, 0 resources left/);
    expect((await commands.run(['get', 'first'])).code).toBe(5);
  });

  it('creates anew what was deleted, and tells a job that fails from a time that is over', async () => {
    await portal.plantFault({ kind: 'fail', type: 'aws:ec2/vpc:Vpc', operation: 'create', message: 'no more networks' });
    const failed = await commands.run(['create', '-f', 'first.yaml', '--watch']);
    expect(failed.code).toBe(3);
    expect(failed.stderr).toContain('no more networks');
    const [, id = ''] = /clusterwright retry (\w+)/.exec(failed.stderr) ?? [];
    expect(await commands.run(['create', '-f', 'first.yaml', '-o', 'json'])).toMatchObject({ code: 3, stdout: expect.stringContaining(id) });

    await portal.plantFault(held);
    const late = await commands.run(['retry', id, '--watch', '--timeout', '2s']);
    expect(late).toMatchObject({ code: 4, stderr: expect.stringContaining('has not ended within 2 s; it goes on') });
    expect(await commands.run(['cancel', 'first'])).toMatchObject({ code: 0, stdout: expect.stringContaining('clusterwright repair first: settles') });
    await portal.clearFaults();
    expect((await commands.run(['jobs', 'watch', 'first'])).code).toBe(3);

    const gone = await commands.run(['delete', 'first', '--yes', '--watch', '-o', 'json']);
    expect(gone.code).toBe(0);
    expect(JSON.parse(gone.stdout)).toMatchObject({ kind: 'delete', receipt: { leftovers: [] } });
  });

  it('prints no secret that it was given', () => {
    expect(commands.output()).toContain('first');
    expect(commands.output()).not.toContain(planted);
  });
});
