import { mkdir, mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { parameterPrefix, type NodeFacts } from '../../../model/rendezvous.js';
import type { PolicySubjects, Statement } from '../../../programs/aws/policies/document.js';
import { policyDocument } from '../../../programs/aws/policies/document.js';
import { controlPlaneStatements, workerStatements } from '../../../programs/aws/policies/nodes.js';
import { nodeArchive } from '../../../programs/nodes/archive.js';
import { nodeTemplates } from '../../../programs/nodes/templates.js';
import { startAws, type AwsPart } from '../../../sandbox/aws/index.js';
import * as tokens from '../../../sandbox/aws/types/tokens.js';
import type { Item } from '../../../sandbox/inventory/item.js';
import type { PropertyMap } from '../../../sandbox/protocol/values.js';
import { openSandbox, type Sandbox } from '../../../sandbox/sandbox.js';
import { TestNode } from './node.js';

export const region = 'eu-west-1';
const accountId = '123456789012';
/** What the program puts into the bucket of every cluster. */
const archive = nodeArchive(nodeTemplates());

/** The sandbox's AWS with the ground of clusters: bucket, roles with the programs' policies, instances. Everything lies in one temporary folder. */
export class World {
  readonly nodes: TestNode[] = [];
  #address = 10;

  private constructor(readonly folder: string, readonly sandbox: Sandbox, readonly aws: AwsPart) {}

  static async open(): Promise<World> {
    const folder = await mkdtemp(path.join(os.tmpdir(), 'rendezvous-'));
    const sandbox = await openSandbox(path.join(folder, 'sandbox'), 0);
    return new World(folder, sandbox, await startAws(sandbox));
  }

  async close(): Promise<void> {
    await Promise.all(this.nodes.map((node) => node.powerOff()));
    await this.aws.close();
    await this.sandbox.journal.close();
    await rm(this.folder, { recursive: true, force: true, maxRetries: 5 });
  }

  /** Makes what a cluster's nodes need before they boot. */
  async ground(uid: string): Promise<void> {
    for (const part of ['backups', 'issuer']) this.#make(tokens.bucket, `${uid}-${part}`, uid, { bucket: `${uid}-${part}` });
    const subjects: PolicySubjects = {
      cluster: 'pay', uid, region, accountId, bucketArn: `arn:aws:s3:::${uid}-backups`, issuerBucketArn: `arn:aws:s3:::${uid}-issuer`, keyArn: `arn:aws:kms:${region}:${accountId}:key/1`, zones: [], networkId: 'vpc-0123456789abcdef0', sopsKey: undefined,
    };
    this.#role(uid, 'control-plane', controlPlaneStatements(subjects));
    this.#role(uid, 'worker', workerStatements(subjects));
    this.aws.objects.put(`${uid}-backups`, archive.facts.key, archive.content);
    await mkdir(this.clusters(uid));
  }

  /** A machine with its metadata service; it is off. */
  async node(uid: string, over: Partial<NodeFacts> = {}): Promise<TestNode> {
    const facts: NodeFacts = {
      schema: 1, cluster: 'pay', uid, region, role: 'control-plane', pool: null, index: this.nodes.length + 1, controlPlanes: 3, kubernetesVersion: '1.35', kubernetesRelease: '1.35.0',
      endpoint: 'api.pay.clusterwright.internal', port: 6443, podCidr: '10.244.0.0/16', serviceCidr: '10.96.0.0/12',
      rendezvous: { provider: 'aws', bucket: `${uid}-backups`, parameterPrefix: parameterPrefix(uid), key: 'alias/pay-key' },
      issuer: `https://${uid}-issuer.s3.${region}.amazonaws.com`, entra: { tenantId: '99999999-9999-4999-8999-999999999999', clientId: '88888888-8888-4888-8888-888888888888' },
      sshKeys: [], registryMirrors: {}, ...(over.role === 'worker' ? {} : { archive: archive.facts }), labels: {}, taints: [], ...over,
    };
    const address = `10.20.0.${this.#address++}`;
    const id = `i-${uid}${address.replaceAll('.', '')}`;
    this.#make(tokens.instance, id, uid, { privateIp: address, privateDns: `ip-${address.replaceAll('.', '-')}.${region}.compute.internal`, availabilityZone: `${region}a`, iamInstanceProfile: `${uid}-${facts.role}` });
    const node = await TestNode.make({ folder: path.join(this.folder, id), facts, metadata: this.aws.instanceMetadata(id), endpoints: { s3: this.aws.endpoint, ssm: this.aws.endpoint }, world: this.clusters(uid) });
    this.nodes.push(node);
    return node;
  }

  /** Where the stand-in of kubeadm keeps the clusters that were made under a uid. */
  clusters(uid: string): string {
    return path.join(this.folder, `clusters-${uid}`);
  }

  /** The members of each cluster that was made under a uid and still has any, by the start of its CA's fingerprint. */
  async members(uid: string): Promise<Record<string, string[]>> {
    const found: Record<string, string[]> = {};
    for (const cluster of await readdir(this.clusters(uid))) {
      const members = (await readFile(path.join(this.clusters(uid), cluster, 'members'), 'utf8').catch(() => '')).split('\n').filter((line) => line !== '');
      if (members.length > 0) found[cluster] = members.sort();
    }
    return found;
  }

  /** Control planes that joined at the same time as another. */
  async violations(uid: string): Promise<string> {
    return readFile(path.join(this.clusters(uid), 'violations'), 'utf8').catch(() => '');
  }

  object(uid: string, key: string, part = 'backups'): unknown {
    const version = this.aws.objects.get(`${uid}-${part}`, key);
    return version === undefined ? undefined : JSON.parse(Buffer.from(version.body, 'base64').toString('utf8'));
  }

  secret(uid: string, name: string): string | undefined {
    return this.aws.parameters.get(region, `${parameterPrefix(uid)}/${name}`)?.value;
  }

  #role(uid: string, role: string, statements: readonly Statement[]): void {
    this.#make(tokens.role, `${uid}-${role}-role`, uid, { name: `${uid}-${role}-role` });
    this.#make(tokens.rolePolicy, `${uid}-${role}`, uid, { role: `${uid}-${role}-role`, policy: policyDocument(statements) });
    this.#make(tokens.instanceProfile, `${uid}-${role}`, uid, { role: `${uid}-${role}-role` });
  }

  #make(type: string, id: string, uid: string, outputs: PropertyMap): void {
    const now = this.sandbox.clock.now();
    const item: Item = { type, id, cluster: 'pay', uid, resource: null, parent: null, region, inputs: outputs, outputs, createdAt: now, readyAt: now };
    this.sandbox.inventory.create(item);
  }
}
