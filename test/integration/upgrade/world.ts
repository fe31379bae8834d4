import type { JobRequest } from '../../../model/job-request.js';
import type { NodeOrder, OrderAnswer } from '../../../model/orders.js';
import type { Rollout } from '../../../model/rollout.js';
import { kubernetesReleases } from '../../../model/spec.js';
import { ApiServer } from '../../../sandbox/kubernetes/api-server/server.js';
import { followWishes, upgradeNode } from '../../../sandbox/kubernetes/nodes/in-place.js';
import type { PoolGroup, PoolSize } from '../../../worker/cloud/index.js';
import { NodeWatch } from '../../../worker/operation/node-watch.js';
import type { OperationContext } from '../../../worker/operation/context.js';
import { sandboxAccount } from '../../support/infrastructure-input.js';
import { someCluster } from '../../support/records.js';
import { startCluster, type TestCluster } from '../sandbox-kubernetes/cluster.js';

/** A machine, its minor, what it was made from, and its name. */
interface Machine { readonly id: string; readonly minor: '1.34' | '1.35'; readonly image: string; readonly name: string }

/**
 * A cluster that an upgrade is tried on in seconds: the API server is the sandbox's, with nodes, pods and budgets; cloud and engine are lists of machines that do at once what they are told, and write it down.
 */
export class World {
  /** What was done, in order. */
  readonly calls: string[] = [];
  readonly texts: string[] = [];
  /** Whether the control planes are switched on. */
  isOn = true;
  minNodes = 1;
  controlPlanes: Machine[] = [];
  workers: Machine[] = [];
  capacity = 2;
  maxNodes = 2;
  /** The minor of what pools launch. */
  launches: '1.34' | '1.35';
  /** What control planes say to an order, in place of doing it. */
  refusal: string | undefined;
  /** What new control planes are made from, and what pools launch. */
  image = 'ami-1';
  poolImage = 'ami-1';
  /** Called with each entry before it is done: a test may end the operation there. */
  before: (call: string) => void = () => undefined;
  readonly #answers = new Map<string, OrderAnswer>();
  #made = 0;

  /** @param wishes whether workers go to the release that their Nodes say; those of an older version of the service do nothing */
  private constructor(readonly cluster: TestCluster, private readonly server: ApiServer, private readonly address: string, minor: '1.34' | '1.35', readonly wishes: { follow: boolean }) {
    this.launches = minor;
  }

  /**
   * A cluster of three control planes and two workers.
   * @param address of loopback, for the API server: the worker dials a fixed port, which other tests have on theirs
   */
  static async open(address: string, minor: '1.34' | '1.35' = '1.34'): Promise<World> {
    const workers = { follow: true };
    const cluster = await startCluster(undefined, (api) => { if (workers.follow) followWishes(api); });
    const server = await cluster.authority.issueServer(['api.test.clusterwright.internal'], [address]);
    const world = new World(cluster, await ApiServer.start(cluster.api, { host: address, port: 6443, server, authority: cluster.authority.certificate, release: '1.34.4' }), address, minor, workers);
    const labels = { app: 'flannel' };
    cluster.api.apply({ apiVersion: 'apps/v1', kind: 'DaemonSet', metadata: { name: 'flannel', namespace: 'kube-system' }, spec: { selector: { matchLabels: labels }, template: { metadata: { labels }, spec: { containers: [{ name: 'main', image: 'x' }] } } } });
    for (const number of [1, 2, 3]) world.controlPlanes.push(world.#machine(`cp-${number}`, minor));
    for (const number of [1, 2]) world.workers.push(world.#machine(`worker-${number}`, minor));
    return world;
  }

  async close(): Promise<void> {
    await this.server.stop();
    await this.cluster.stop();
  }

  /** Names and minors of the nodes, in order. */
  async nodes(): Promise<string[]> {
    const { body } = await this.cluster.call('GET', '/api/v1/nodes');
    return (body.items as unknown as { metadata: { name: string }; spec: { unschedulable?: boolean }; status: { nodeInfo: { kubeletVersion: string } } }[])
      .map(({ metadata: { name }, spec: { unschedulable }, status: { nodeInfo } }) => `${name} ${nodeInfo.kubeletVersion.slice(1, 5)}${unschedulable === true ? ' closed' : ''}`).sort();
  }

  /** What the machines were made from, by their names. */
  images(): string[] {
    return [...this.controlPlanes, ...this.workers].map(({ name, image }) => `${name} ${image}`);
  }

  /** An operation on the cluster as the state has it at this moment. */
  context(rollout: Rollout, request?: JobRequest): OperationContext {
    const { cluster, job } = someCluster('test', { kubernetesVersion: '1.35', nodePools: [{ name: 'general', machineType: 'm7i.large', diskGiB: 100, labels: {}, taints: [], minNodes: 1, maxNodes: 2 }] });
    const { admin, authority } = this.cluster;
    const context = {
      job: { ...job, kind: 'upgrade' as const, intent: { ...job.intent, request } }, spec: cluster.spec, uid: cluster.uid, slot: 1, cluster, installation: 'x', account: sandboxAccount, drainLimitMs: 1_500,
      connection: { endpoint: '', address: this.address, certificateAuthority: authority.certificate }, outputs: this.#outputs(), rollout, nodeWatch: new NodeWatch({ cloud: { nodeSteps: () => Promise.resolve([]) }, report: () => undefined }, new Date()), nodesJoined: undefined,
      states: { infrastructure: { resources: [], urns: [], outputs: {}, pending: [], encryption: undefined, record: undefined }, platform: undefined },
      report: (message: { type: string; event?: { type: string; text?: string } }) => {
        if (message.event?.type === 'message') this.texts.push(message.event.text ?? '');
      },
      cloud: {
        secrets: () => Promise.resolve({ certificateAuthority: authority.certificate, endpoint: '', provisioner: { certificate: admin.certificate, key: admin.key, notAfter: '' } }),
        nodeSteps: () => Promise.resolve([]),
        giveOrder: async (node: string, { id, task, arguments: words }: NodeOrder) => {
          await this.#do(`${node} is ordered: ${[task, ...words].join(' ')}`);
          if (task === 'upgrade-in-place' && this.refusal === undefined) upgradeNode(this.cluster.api, node, words[1] ?? '');
          this.#answers.set(node, { id, state: this.refusal === undefined ? 'done' : 'failed', at: '', result: null, message: this.refusal ?? null });
        },
        orderOf: () => Promise.resolve(undefined),
        orderAnswer: (node: string) => Promise.resolve(this.#answers.get(node)),
        images: () => Promise.resolve({ current: this.image, of: new Map([...this.controlPlanes, ...this.workers].map(({ id, image }) => [id, image])) }),
        pools: () => Promise.resolve([this.#group()]),
        endMachine: async (_group: PoolGroup, { id }: { id: string }) => {
          await this.#do(`end ${id}`);
          this.capacity -= 1;
          this.workers = this.workers.filter((machine) => machine.id !== id);
        },
        powerOf: (machines: readonly string[]) => Promise.resolve(new Map(machines.map((id) => [id, this.isOn ? 'on' : 'off']))),
        switchMachines: async (machines: readonly string[], to: 'on' | 'off') => {
          await this.#do(`switch ${machines.length} ${to}`);
          this.isOn = to === 'on';
        },
        resizePool: async (_group: PoolGroup, { minNodes = this.minNodes, capacity, maxNodes }: PoolSize) => {
          await this.#do(`resize to ${capacity} of ${maxNodes}`);
          [this.minNodes, this.capacity, this.maxNodes] = [minNodes, capacity, maxNodes];
          this.workers = this.workers.slice(0, capacity);
          while (this.workers.length < capacity) this.workers.push(this.#machine(`worker-${(this.#made += 1) + 2}`, this.launches, this.poolImage));
        },
      },
      stacks: { infrastructure: {
        name: 'test-infrastructure',
        up: async () => {
          const { controlPlane, surge, inPlace } = context.rollout;
          await this.#do(`up in ${controlPlane} and ${context.rollout.pools}${surge ? ' with one more' : ''}${inPlace === true ? ' in place' : ''}`);
          this.controlPlanes = (surge ? [1, 2, 3, 4] : [1, 2, 3]).map((number) => this.controlPlanes.find(({ name }) => name === `cp-${number}`) ?? this.#machine(`cp-${number}`, controlPlane as '1.34' | '1.35'));
          return this.#outputs();
        },
        state: () => Promise.resolve({ resources: this.controlPlanes.map(({ name }) => ({ urn: `urn:${name}`, type: 'aws:ec2/instance:Instance', name })) }),
        destroy: async (_program: unknown, _expected: number, _call: unknown, [urn = '']: string[]) => {
          await this.#do(`destroy ${urn.slice(4)}`);
          this.controlPlanes = this.controlPlanes.filter(({ name }) => name !== urn.slice(4));
        },
      } },
    };
    return context as unknown as OperationContext;
  }

  async #do(call: string): Promise<void> {
    this.before(call);
    this.calls.push(call);
    await Promise.resolve();
  }

  /** A new machine, which is a node at once. */
  #machine(name: string, minor: '1.34' | '1.35', image = this.image): Machine {
    const id = `i-${name}-${minor}-${(this.#made += 1)}`;
    this.cluster.api.remove('v1', 'Node', name);
    this.cluster.api.apply({
      apiVersion: 'v1', kind: 'Node', metadata: { name, labels: name.startsWith('cp') ? { 'node-role.kubernetes.io/control-plane': '' } : { 'clusterwright.io/pool': 'general' } },
      spec: { providerID: `aws:///a/${id}` }, status: { nodeInfo: { kubeletVersion: `v${kubernetesReleases[minor]}` } },
    });
    return { id, minor, image, name };
  }

  #group(): PoolGroup {
    return { pool: 'general', group: 'test-pool-general', minNodes: this.minNodes, maxNodes: this.maxNodes, capacity: this.capacity, machines: this.workers.map(({ id }) => ({ id, providerId: `aws:///a/${id}`, leaving: false })) };
  }

  #outputs() {
    return {
      apiServerAddress: this.address, publicAddress: null, zones: ['a'], networkId: '', nodeSubnets: {}, backupStore: 'store', issuerUrl: null, keyId: null, nodePools: {}, addonIdentities: {},
      controlPlane: this.controlPlanes.map(({ name, id }) => ({ name: `test-${name}`, id, zone: 'a', address: '' })),
    };
  }
}
