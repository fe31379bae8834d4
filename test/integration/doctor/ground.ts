import { execFile } from 'node:child_process';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { stringify } from 'yaml';
import { z } from 'zod';
import { CertificateAuthority } from '../../../sandbox/kubernetes/pki.js';
import { neededPlugins } from '../../../bin/checks/engine.js';
import { packageRoot } from '../../../worker/package-root.js';
import { azureSandboxAccount, sandboxAccount } from '../../support/infrastructure-input.js';
import { startRedis, type TestRedis } from '../../support/redis.js';
import { RunningSandbox } from '../sandbox/running-sandbox.js';

const findingSchema = z.strictObject({ about: z.string(), level: z.enum(['ok', 'warn', 'missing']), text: z.string() });
const reportSchema = z.strictObject({ ready: z.boolean(), findings: z.array(findingSchema) });
export type Report = z.infer<typeof reportSchema> & { code: number };

/** How a program of dist/ ended, and what it printed. */
export interface Ended {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

/** The ground of a live installation that has all it needs: clouds (a sandbox, reached by the accounts' own endpoints), Redis, sign-in, certificate, plugins. */
export class Ground {
  private constructor(readonly folder: string, readonly sandbox: RunningSandbox, readonly redis: TestRedis) {}

  static async open(): Promise<Ground> {
    const [folder, sandbox, redis] = await Promise.all([mkdtemp(path.join(os.tmpdir(), 'doctor-')), RunningSandbox.start(), startRedis()]);
    const ground = new Ground(folder, sandbox, redis);
    const authority = await CertificateAuthority.create('test');
    const { certificate, key } = await authority.issueServer(['clusterwright.example.com'], []);
    await ground.put('passphrase', 'the right passphrase');
    await ground.put('webhook-secret', 'a secret of more than sixteen');
    await ground.put('tls.crt', certificate);
    await ground.put('tls.key', key);
    await ground.put('accounts.yaml', stringify(ground.accounts()));
    await ground.put('tenancy.yaml', stringify({ grants: [{ group: '11111111-aaaa-4aaa-8aaa-000000000001', role: 'admin', owners: ['*'] }] }));
    // The plugins themselves cannot be had without their vendor's site: files at their places stand for them.
    for (const { name, version } of await neededPlugins({ default: { aws: sandboxAccount, azure: azureSandboxAccount } })) {
      await ground.put(`pulumi/plugins/resource-${name}-v${version}/pulumi-resource-${name}`, '');
    }
    return ground;
  }

  /** The accounts file: both clouds at the sandbox's addresses. Changes replace a side's fields. */
  accounts(changes: { aws?: object; azure?: object } = {}): object {
    const { aws = '', 'azure-native': azure = '' } = this.sandbox.announcement.endpoints;
    const endpoints = Object.fromEntries(['sts', 'iam', 'ec2', 'kms', 'elasticloadbalancing', 'autoscaling', 'service-quotas'].map((service) => [service, aws]));
    return { accounts: { default: { aws: { ...sandboxAccount, endpoints, ...changes.aws }, azure: { ...azureSandboxAccount, endpoints: { management: `${azure}/management` }, workerCidrs: ['203.0.113.10/32'], ...changes.azure } } } };
  }

  /** Writes a file of the home, for its owner only. */
  async put(name: string, content: string, mode = 0o600): Promise<string> {
    const file = path.join(this.folder, name);
    await mkdir(path.dirname(file), { recursive: true, mode: 0o700 });
    await writeFile(file, content, { mode });
    return file;
  }

  /** The environment of a live process here, all of it in order. */
  get environment(): Record<string, string> {
    const { endpoints } = this.sandbox.announcement;
    return {
      PATH: process.env['PATH'] ?? '', HOME: os.homedir(), CLUSTERWRIGHT_CLOUD: 'live', CLUSTERWRIGHT_HOME: this.folder, REDIS_URL: this.redis.url, PULUMI_HOME: path.join(this.folder, 'pulumi'),
      CLUSTERWRIGHT_SHARED_BACKEND: 'asserted', HOST: '127.0.0.1', PORT: '0',
      CLUSTERWRIGHT_AUTH: 'entra', CLUSTERWRIGHT_ENTRA_TENANT: '7e4a4700-0000-4000-8000-000000000001', CLUSTERWRIGHT_ENTRA_AUDIENCE: 'api://clusterwright', CLUSTERWRIGHT_ENTRA_AUTHORITY: endpoints['entra'] ?? '',
      CLUSTERWRIGHT_TLS_CERTIFICATE: path.join(this.folder, 'tls.crt'), CLUSTERWRIGHT_TLS_KEY: path.join(this.folder, 'tls.key'),
      AWS_ACCESS_KEY_ID: 'sandbox', AWS_SECRET_ACCESS_KEY: 'sandbox', IDENTITY_ENDPOINT: `${endpoints['azure-native'] ?? ''}/identity/token`, IDENTITY_HEADER: 'sandbox',
    };
  }

  /** Runs a program of dist/bin to its end. */
  run(program: string, args: readonly string[], changes: Record<string, string> = {}): Promise<Ended> {
    return new Promise((resolve) => {
      execFile(process.execPath, [path.join(packageRoot(), 'dist/bin', `${program}.js`), ...args], { env: { ...this.environment, ...changes } }, (error, stdout, stderr) => {
        resolve({ code: typeof error?.code === 'number' ? error.code : 0, stdout, stderr });
      });
    });
  }

  /** What the doctor finds, with these variables changed. */
  async doctor(changes: Record<string, string> = {}): Promise<Report> {
    const { code, stdout, stderr } = await this.run('doctor', ['-o', 'json'], changes);
    if (stdout === '') throw new Error(stderr);
    return { code, ...reportSchema.parse(JSON.parse(stdout)) };
  }

  /** Has the clouds refuse these actions until the faults are cleared. */
  async deny(...actions: readonly string[]): Promise<void> {
    for (const type of actions) await this.sandbox.post('/faults', { kind: 'deny', type, times: 1000 });
  }

  async allowAll(): Promise<void> {
    await fetch(`${this.sandbox.announcement.control}/faults`, { method: 'DELETE' });
  }

  async close(): Promise<void> {
    await Promise.all([this.sandbox.stop(), this.redis.stop()]);
    await rm(this.folder, { recursive: true, force: true });
  }
}
