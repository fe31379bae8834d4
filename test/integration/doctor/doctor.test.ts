import { chmod, mkdtemp, rm } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { stringify } from 'yaml';
import { findEngine, verifyInstallation } from '../../../worker/index.js';
import { prepareBackend } from '../../../worker/installation.js';
import { operationEnvironment } from '../../../worker/operation/environment.js';
import { startRedis } from '../../support/redis.js';
import { Ground, type Report } from './ground.js';

let ground: Ground;
beforeAll(async () => { ground = await Ground.open(); });
afterEach(() => ground.allowAll());
afterAll(() => ground.close());

/** What is missing, by what it is about. */
const missing = ({ findings }: Report): Record<string, string> => Object.fromEntries(findings.filter(({ level }) => level === 'missing').map(({ about, text }) => [about, text]));
const texts = ({ findings }: Report, level: string, about: string): string[] => findings.filter((finding) => finding.level === level && finding.about === about).map(({ text }) => text);

/** A backend with an installation in it. */
async function installation(mode: 'sandbox' | 'live'): Promise<{ id: string; backendUrl: string; folder: string }> {
  const folder = await mkdtemp(path.join(os.tmpdir(), 'doctor-backend-'));
  const backendUrl = `file://${folder}`;
  await prepareBackend(backendUrl);
  const engine = await findEngine();
  const options = { engine, backendUrl, secretsProvider: 'passphrase', passphraseFile: path.join(ground.folder, 'passphrase') };
  const store = { installation: () => Promise.resolve(undefined), claimInstallation: <T>(claimed: T) => Promise.resolve(claimed) };
  const { id } = await verifyInstallation({ ...options, store, mode, workRoot: path.join(folder, 'work'), environment: operationEnvironment(process.env, options) });
  return { id, backendUrl, folder };
}

describe('npm run doctor', () => {
  it('finds all there, and ends with 0', async () => {
    const report = await ground.doctor();

    expect(missing(report)).toEqual({});
    expect(report).toMatchObject({ code: 0, ready: true });
    const fine = report.findings.filter(({ level }) => level === 'ok').map(({ about }) => about);
    expect([...new Set(fine)].sort()).toEqual([
      'Redis', 'TLS', 'account default (aws)', 'account default (azure)', 'accounts', 'backend', 'clock', 'engine', 'home', 'mode', 'plugin aws', 'plugin azure-native', 'plugin kubernetes', 'secrets', 'sign-in', 'tenancy', 'webhooks',
    ]);
    expect(texts(report, 'ok', 'account default (aws)')).toContainEqual(expect.stringMatching(/^It may do all 2\d\d things/));
    expect(texts(report, 'ok', 'account default (azure)')).toContainEqual(expect.stringMatching(/^It may do all 1\d\d things/));
    expect(texts(report, 'warn', 'secrets')).toEqual([expect.stringContaining('PULUMI_SECRETS_PROVIDER')]);
  });

  it('prints a line for each thing, what is missing last, and ends with 1 where something is', async () => {
    const { code, stdout } = await ground.run('doctor', [], { CLUSTERWRIGHT_TLS_KEY: path.join(ground.folder, 'nowhere.key') });

    const lines = stdout.trim().split('\n');
    expect(lines.at(-1)).toMatch(/^\d+ ok, \d+ to know of, 1 missing$/);
    expect(lines.at(-3)).toMatch(/^missing {2}TLS {2,}.*nowhere\.key cannot be read/);
    expect(code).toBe(1);
  });

  it('tells everything at once that is wrong with files, Redis, plugins, sign-in and accounts', async () => {
    const forgetful = await startRedis({ appendonly: 'no' });
    const broken = await ground.put('broken-accounts.yaml', stringify(ground.accounts({ aws: { accountId: '999999999999' }, azure: { tenantId: '00000000-0000-4000-8000-000000000001' } })));
    const tenancy = await ground.put('broken-tenancy.yaml', 'grants: [{role: king}]');
    await chmod(path.join(ground.folder, 'passphrase'), 0o644);

    const report = await ground.doctor({
      REDIS_URL: forgetful.url, CLUSTERWRIGHT_ACCOUNTS: broken, CLUSTERWRIGHT_TENANCY: tenancy, CLUSTERWRIGHT_TLS_CERTIFICATE: path.join(ground.folder, 'passphrase'),
      CLUSTERWRIGHT_ENTRA_AUTHORITY: 'http://127.0.0.1:9', CLUSTERWRIGHT_WEBHOOK_SECRET_FILE: path.join(ground.folder, 'no-secret'),
      PULUMI_HOME: path.join(ground.folder, 'nothing'), PULUMI_DISABLE_AUTOMATIC_PLUGIN_ACQUISITION: 'true',
    });
    await chmod(path.join(ground.folder, 'passphrase'), 0o600);
    await forgetful.stop();

    expect(missing(report)).toEqual({
      Redis: expect.stringContaining('appendonly is "no" and must be "yes"'),
      TLS: expect.stringContaining('are not a certificate and its key'),
      'account default (aws)': expect.stringContaining('belong to the AWS account 123456789012, not to 999999999999'),
      'account default (azure)': expect.stringContaining('belongs to the tenant 7e4a4700'),
      home: expect.stringContaining('can be read by every user'),
      'plugin aws': expect.stringContaining('pulumi plugin install resource aws 7.'),
      'plugin azure-native': expect.stringContaining('pulumi plugin install resource azure-native 3.'),
      'plugin kubernetes': expect.stringContaining('pulumi plugin install resource kubernetes 4.'),
      'sign-in': expect.stringContaining('does not answer'),
      tenancy: expect.stringContaining('/grants/0/role'),
      webhooks: expect.stringContaining('there is no signing secret'),
    });
    expect(report).toMatchObject({ code: 1, ready: false });
  });

  it('names rights that an account does not give, and what gives them', async () => {
    await ground.deny('iam:CreateRole', 'ec2:CreateVpc', 'Microsoft.Compute/virtualMachines/write');

    const report = missing(await ground.doctor());

    expect(report['account default (aws)']).toMatch(/^It may not do ec2:CreateVpc, iam:CreateRole: .*npm run doctor -- policy aws/);
    expect(report['account default (azure)']).toMatch(/^It may not do Microsoft.Compute\/virtualMachines\/write: .*npm run doctor -- policy azure/);
  });

  it('tries what leaves no trace where IAM may not be asked', async () => {
    await ground.deny('iam:SimulatePrincipalPolicy');
    const fine = await ground.doctor();
    await ground.deny('ec2:AllocateAddress', 'kms:ListAliases');
    const short = await ground.doctor();

    expect(texts(fine, 'warn', 'account default (aws)')).toContainEqual(expect.stringContaining('Give it iam:SimulatePrincipalPolicy'));
    expect(missing(fine)).toEqual({});
    expect(missing(short)).toEqual({ 'account default (aws)': expect.stringMatching(/^It may not do ec2:AllocateAddress, kms:ListAliases:/) });
  });

  it('tells a role that cannot be taken, a network that is not there, and a reach that is none', async () => {
    const networkId = '/subscriptions/5ab5c0de-0000-4000-8000-000000000001/resourceGroups/worker/providers/Microsoft.Network/virtualNetworks/other';
    const named = await ground.put('networks.yaml', stringify(ground.accounts({ aws: { reach: { type: 'peering', vpcId: 'vpc-0c1d5e70worker000', cidr: '10.9.0.0/16', routeTableIds: ['rtb-1'] } }, azure: { reach: { type: 'peering', networkId, cidr: '10.1.0.0/16' } } })));
    const refused = await ground.put('roles.yaml', stringify(ground.accounts({ aws: { roleArn: 'arn:aws:iam::123456789012:role/somebody-else' }, azure: { reach: { type: 'tunnel' } } })));

    const networks = missing(await ground.doctor({ CLUSTERWRIGHT_ACCOUNTS: named }));
    const roles = missing(await ground.doctor({ CLUSTERWRIGHT_ACCOUNTS: refused }));

    expect(networks['account default (aws)']).toContain('names 10.9.0.0/16 for vpc-0c1d5e70worker000, which has 10.0.0.0/16');
    expect(networks['account default (azure)']).toContain('virtualNetworks/other, which does not exist');
    expect(roles['account default (aws)']).toMatch(/AWS refused: .*\(AccessDenied\)\. Check the role, its trust policy/);
    expect(roles['account default (azure)']).toContain('a tunnel, which this version does not have');
  });

  it('holds the backend against key, mode and Redis, and writes nothing into it', async () => {
    const [live, sandbox] = [await installation('live'), await installation('sandbox')];
    const wrong = await ground.put('other-home/passphrase', 'another passphrase');
    await ground.put('other-home/accounts.yaml', stringify(ground.accounts()));
    const about = async (changes: Record<string, string>) => (await ground.doctor(changes)).findings.filter(({ about: subject, level }) => ['backend', 'secrets'].includes(subject) && level !== 'warn').map(({ level, text }) => `${level}: ${text}`);

    expect(await about({ PULUMI_BACKEND_URL: live.backendUrl })).toEqual([`ok: ${live.backendUrl} has the installation ${live.id} (live).`, 'ok: The canary can be read with the passphrase.']);
    expect(await about({ PULUMI_BACKEND_URL: sandbox.backendUrl })).toEqual([expect.stringMatching(/^missing: .*mode "sandbox", and this process runs as "live"/)]);
    expect(await about({ PULUMI_BACKEND_URL: live.backendUrl, CLUSTERWRIGHT_HOME: path.dirname(wrong) })).toEqual([expect.stringMatching(/^missing: .*passphrase/)]);
    expect(await about({ PULUMI_SECRETS_PROVIDER: 'awskms://alias/none?region=eu-west-1', AWS_ENDPOINT_URL: 'http://127.0.0.1:9' })).toEqual([expect.stringContaining('is new'), expect.stringMatching(/^missing: The engine cannot encrypt with awskms/)]);
    for (const { folder } of [live, sandbox]) await rm(folder, { recursive: true });
  });

  it('prints policies that hold all that it looks for', async () => {
    const { stdout } = await ground.run('doctor', ['policy', 'aws']);
    const policies = JSON.parse(stdout) as { Statement: { Action: string[] }[] }[];
    for (const policy of policies) expect(JSON.stringify(policy).length).toBeLessThanOrEqual(6144);
    expect(policies.flatMap(({ Statement }) => Statement.flatMap(({ Action }) => Action))).toEqual(expect.arrayContaining(['ec2:RunInstances', 'iam:PassRole', 'ssm:GetParametersByPath']));
    expect(await ground.run('doctor', ['policy', 'moon'])).toMatchObject({ code: 78, stderr: expect.stringContaining('policy aws|azure') });
  });
});

describe('a live process that starts', () => {
  it('says all that is missing before it does anything', async () => {
    const gone = { CLUSTERWRIGHT_ACCOUNTS: path.join(ground.folder, 'no-accounts.yaml'), CLUSTERWRIGHT_TLS_KEY: path.join(ground.folder, 'no.key'), CLUSTERWRIGHT_WEBHOOK_SECRET_FILE: path.join(ground.folder, 'no-secret') };
    const [api, worker] = await Promise.all([ground.run('api', [], gone), ground.run('worker', [], gone)]);

    expect(api).toMatchObject({ code: 78, stderr: expect.stringMatching(/^prerequisite-missing: accounts: .*\nTLS: .*\n"npm run doctor"/) });
    expect(worker).toMatchObject({ code: 78, stderr: expect.stringMatching(/^prerequisite-missing: accounts: .*\nwebhooks: .*\n"npm run doctor"/) });
  });

  it('refuses as a worker where no account lets it in', async () => {
    const nobody = await ground.put('nobody.yaml', stringify(ground.accounts({ aws: { roleArn: 'arn:aws:iam::123456789012:role/somebody-else' }, azure: { tenantId: '00000000-0000-4000-8000-000000000001' } })));
    const { code, stderr } = await ground.run('worker', [], { CLUSTERWRIGHT_ACCOUNTS: nobody });

    expect(stderr).toMatch(/^prerequisite-missing: account default \(aws\): .*\naccount default \(azure\): /);
    expect(code).toBe(78);
  });
});
