import { rm } from 'node:fs/promises';
import path from 'node:path';
import { gunzipSync } from 'node:zlib';
import { restorationKey, restorationSchema, type Restoration } from '../../../model/orders.js';
import { nodeStepKey, secretNames, type NodeFacts, type NodeStep } from '../../../model/rendezvous.js';
import type { Item } from '../../inventory/item.js';
import type { Table } from '../../inventory/journal.js';
import type { Sandbox } from '../../sandbox.js';
import type { ClusterApi } from '../api-server/cluster-api.js';
import { cloudControllers } from '../controllers/index.js';
import { endGrants } from './expired-grants.js';
import type { NodeCloud, NodeClouds } from './node-cloud.js';
import { freshExpiries, tellExpiries, toldExpiries } from './expiries.js';
import { followWishes, upgradeNode } from './in-place.js';
import { nodeObject } from './node-object.js';
import { followOrder, type NodeEdits } from './orders.js';
import { publishSecrets, renewalDue } from './published-secrets.js';
import { readObject } from './read-object.js';
import { objectsFile, SimulatedCluster } from './simulated-cluster.js';
import { nodeDurations, stepAt, timeline, type ClusterState, type MachineState, type StepMoment } from './timeline.js';

/** What is kept of a cluster: that which must not be worked out anew once it has happened. */
export interface ClusterRecord {
  uid: string;
  facts: NodeFacts;
  /** When the API server came up. */
  initialisedAt: number;
  /** Until when the published secrets are valid. */
  secretsUntil: number;
  /** Set while all of its control planes are gone: it can come back from a snapshot only. */
  lost?: true;
  /** Id of the restoration that it has come back by last. */
  restored?: string;
}

/** What is kept of a machine that is or was a node. */
export interface NodeRecord {
  uid: string;
  name: string;
  /** The step that is published. */
  step: NodeStep['step'];
  at: number;
  message: string | null;
  joinedAt: number | null;
  /** When the machine went; its Node object follows a little later. */
  goneAt: number | null;
}

/** What the keepers of all clusters share. */
export interface KeeperContext {
  sandbox: Sandbox;
  clouds: NodeClouds;
  clusters: Table<ClusterRecord>;
  nodes: Table<NodeRecord>;
  /** By the name of the node. */
  edits: Table<NodeEdits>;
}

/** A machine whose user data make it a node. */
export interface Machine {
  instance: Item;
  facts: NodeFacts;
}

/** Seconds from the end of a machine to that of its Node object: the cloud controller looks after its nodes that often. */
const nodeRemovalSeconds = 40;
const workloadStartSeconds = 12;
const namespaceEndSeconds = 6;
const backupSeconds = 5;

/** Keeps one simulated cluster as the clouds' state and the clock demand. Call `keep` whenever one of them may have changed. */
export class ClusterKeeper {
  private cluster: SimulatedCluster | undefined;

  constructor(private readonly context: KeeperContext, readonly uid: string) {}

  /** Brings everything about to where it should be now. Answers when to look again, or undefined when nothing more will happen by itself. */
  async keep(machines: readonly Machine[]): Promise<number | undefined> {
    const { clock } = this.context.sandbox;
    const now = clock.now();
    const facts = this.record?.facts ?? machines[0]?.facts;
    if (facts === undefined) return undefined;
    const controlPlanes = machines.filter((machine) => machine.facts.role === 'control-plane');
    if (this.record !== undefined && controlPlanes.length === 0) return this.lose(this.record, machines);
    const moments = this.moments(machines, controlPlanes, facts);
    await this.initialise(controlPlanes, moments, now);
    for (const machine of machines) this.advance(machine, moments.get(machine.instance.id) ?? [], now);
    const running = this.running(controlPlanes, now);
    this.followOrders(running, now);
    await this.cluster?.authorities.settle();
    const off = controlPlanes.length - running.length;
    const isUp = this.cluster?.hasMajority(controlPlanes.length) === true && (off === 0 || off < controlPlanes.length / 2);
    await this.cluster?.listen(isUp ? this.cloudOf(facts).waysTo(running.map(({ instance }) => instance), facts.port).map(({ address }) => address) : []);
    const removals = this.removeGone(machines, now);
    const renewal = isUp ? await this.renew(now) : [];
    const upcoming = [...[...moments.values()].flat().map(({ at }) => at), ...removals, ...renewal].filter((moment) => moment > now);
    return upcoming.length === 0 ? undefined : Math.min(...upcoming);
  }

  /** Whether its control planes are gone and the cloud still has what they have put there. */
  get isLost(): boolean {
    return this.record?.lost === true;
  }

  /** Stops answering; everything is kept for the next start. */
  async close(): Promise<void> {
    await this.cluster?.close();
    this.cluster = undefined;
  }

  private get folder(): string {
    return path.join(this.context.sandbox.home, 'sandbox', 'clusters', this.uid);
  }

  private cloudOf({ rendezvous: { provider } }: NodeFacts): NodeCloud {
    const cloud = this.context.clouds[provider];
    if (cloud === undefined) throw new Error(`the sandbox has no machines on ${provider}`);
    return cloud;
  }

  private get record(): ClusterRecord | undefined {
    return this.context.clusters.get(this.uid);
  }

  /** What a lost cluster is to come back from. */
  private restoration({ lost, restored, facts }: ClusterRecord): Restoration | undefined {
    const store = lost === true ? this.cloudOf(facts).storeOf(facts) : undefined;
    const wish = store && readObject(store, restorationKey, restorationSchema);
    return wish?.id === restored ? undefined : wish;
  }

  private moments(machines: readonly Machine[], controlPlanes: readonly Machine[], facts: NodeFacts): Map<string, StepMoment[]> {
    const { sandbox, nodes } = this.context;
    const cloud = this.cloudOf(facts);
    const alone = this.isLost && this.record !== undefined && this.restoration(this.record) === undefined ? 'kubeadm could not join the cluster: no other member of etcd answers' : undefined;
    const starter = [...controlPlanes].sort((a, b) => (a.facts.index ?? 0) - (b.facts.index ?? 0))[0];
    const states = machines.map(({ instance, facts: own }): MachineState => ({
      id: instance.id, role: own.role, index: own.index, runningAt: instance.readyAt,
      joinedAt: nodes.get(instance.id)?.joinedAt ?? undefined, lacks: cloud.missingGrant(instance, own) ?? (own.role === 'control-plane' ? alone : undefined),
    }));
    const entry = starter === undefined ? { missing: 'there is no control plane' } : entryTo(cloud, [starter.instance], facts.port) ?? { missing: cloud.missingWay(starter.instance, facts.port) };
    // Once the cluster is up, any control plane that is led to will do.
    const later = entryTo(cloud, controlPlanes.map(({ instance }) => instance), facts.port) ?? entry;
    const initialisedAt = this.isLost ? undefined : this.record?.initialisedAt;
    return timeline({ initialisedAt, entry: initialisedAt === undefined ? entry : later }, states, nodeDurations((seconds) => sandbox.latency.milliseconds(seconds)));
  }

  /** Brings the cluster up when its first control plane has come so far, or opens it again after a restart of the sandbox. */
  private async initialise(controlPlanes: readonly Machine[], moments: ReadonlyMap<string, StepMoment[]>, now: number): Promise<void> {
    if (this.cluster !== undefined) return;
    const joins = controlPlanes.flatMap((machine) => (moments.get(machine.instance.id) ?? []).filter(({ step, at }) => step === 'joined' && at <= now).map(({ at }) => ({ at, facts: machine.facts })));
    const first = joins.sort((a, b) => a.at - b.at)[0];
    const known = this.record;
    if (first === undefined && (known === undefined || known.lost === true)) return;
    const facts = known?.facts ?? first?.facts;
    if (facts === undefined) return;
    const { sandbox, clusters } = this.context;
    const cloud = this.cloudOf(facts);
    const timings = { workloadStart: sandbox.latency.milliseconds(workloadStartSeconds), namespaceEnd: sandbox.latency.milliseconds(namespaceEndSeconds), backup: sandbox.latency.milliseconds(backupSeconds) };
    const inCloud = cloudControllers(cloud.controllersOf(facts));
    const controllers = (api: ClusterApi): void => {
      endGrants(api);
      followWishes(api);
      inCloud(api);
    };
    this.cluster = await SimulatedCluster.open({ folder: this.folder, facts, now: () => sandbox.clock.now(), timings, controllers });
    if ((known !== undefined && known.lost !== true) || first === undefined) return;
    const restoration = known && this.restoration(known);
    if (restoration !== undefined) {
      this.cluster.startFrom(restoration.id, gunzipSync(cloud.storeOf(facts)?.get(`${restoration.from}.db.gz`) ?? '').toString('utf8'));
      // A node never changes its machine.
      for (const { instance } of controlPlanes) this.cluster.api.remove('v1', 'Node', cloud.describe(instance).name);
    }
    const secretsUntil = await publishSecrets(cloud, facts, this.cluster.authorities, now);
    clusters.put(this.uid, { uid: this.uid, facts, initialisedAt: first.at, secretsUntil, ...(restoration === undefined ? {} : { restored: restoration.id }) });
  }

  /** Publishes the step that a machine has reached, and its Node when it has joined. */
  private advance({ instance, facts }: Machine, moments: readonly StepMoment[], now: number): void {
    const { nodes } = this.context;
    const reached = stepAt(moments, now);
    const known = nodes.get(instance.id);
    if (reached === undefined || (known !== undefined && known.step === reached.step && known.at === reached.at && known.message === reached.message)) return;
    const joined = reached.step === 'joined';
    if (joined && this.cluster === undefined) return;
    const cloud = this.cloudOf(facts);
    const machine = cloud.describe(instance);
    const { name } = machine;
    const step: NodeStep = { node: name, role: facts.role, pool: facts.pool, index: facts.index, step: reached.step, at: new Date(reached.at).toISOString(), message: reached.message };
    if (joined) this.cluster?.api.apply(nodeObject(machine, facts, cloud.secretOf(facts, secretNames.joinAuthority)));
    // Where there is no place to tell it, a real node could tell nobody either.
    const store = cloud.storeOf(facts);
    if (store === undefined) return;
    store.put(nodeStepKey(name), JSON.stringify(step), 'application/json');
    nodes.put(instance.id, { uid: this.uid, name, ...reached, joinedAt: joined ? reached.at : (known?.joinedAt ?? null), goneAt: null });
  }

  /** All but those that have joined and are switched off, or on and not booted yet. */
  private running(controlPlanes: readonly Machine[], now: number): Machine[] {
    return controlPlanes.filter(({ instance, facts }) => {
      const since = this.cloudOf(facts).runningSince(instance);
      return this.context.nodes.get(instance.id)?.step !== 'joined' || (since !== null && since <= now);
    });
  }

  /** Does what control planes that have joined are ordered, where that is not answered yet. */
  private followOrders(controlPlanes: readonly Machine[], now: number): void {
    const { nodes, edits, clusters, sandbox } = this.context;
    const joined = controlPlanes.flatMap(({ instance, facts }) => {
      const node = nodes.get(instance.id);
      return node?.step === 'joined' ? [{ node, facts }] : [];
    });
    for (const { node, facts } of joined) {
      const cloud = this.cloudOf(facts);
      const store = cloud.storeOf(facts);
      const { record, cluster } = this;
      if (store === undefined || cluster === undefined || record === undefined) continue;
      if (toldExpiries(store, node.name) === undefined) tellExpiries(store, { ...freshExpiries(node.name, node.at, cluster.authorities.ends(record.initialisedAt)), joinToken: new Date(record.secretsUntil).toISOString() });
      followOrder(node.name, {
        store, facts, edits, etcd: cluster, authorities: cluster.authorities, members: joined.map((one) => one.node.name), now: () => sandbox.clock.now(), initialisedAt: record.initialisedAt,
        secretOf: (secret) => cloud.secretOf(facts, secret),
        putSecret: (secret, value) => cloud.putSecret(facts, secret, value),
        upgrade: (release) => upgradeNode(cluster.api, node.name, release),
        // What ends now is published anew before this look is over.
        renewAccess: () => clusters.put(this.uid, { ...record, secretsUntil: now }),
      });
    }
  }

  /** Removes the Node objects of machines that went, a little later; answers when that is for those still to come. */
  private removeGone(machines: readonly Machine[], now: number): number[] {
    const { nodes, sandbox } = this.context;
    const running = new Set(machines.map(({ instance }) => instance.id));
    const later: number[] = [];
    for (const [id, node] of [...nodes.entries()]) {
      if (node.uid !== this.uid || running.has(id)) continue;
      const goneAt = node.goneAt ?? now;
      const due = goneAt + sandbox.latency.milliseconds(nodeRemovalSeconds);
      if (due > now) {
        if (node.goneAt === null) nodes.put(id, { ...node, goneAt });
        later.push(due);
        continue;
      }
      // Another machine may have got the address, and with it the name.
      const replaced = machines.some(({ instance, facts }) => this.cloudOf(facts).describe(instance).name === node.name);
      if (!replaced) this.cluster?.api.remove('v1', 'Node', node.name);
      nodes.delete(id);
    }
    return later;
  }

  /** Renews the published secrets in time; answers when that is next. */
  private async renew(now: number): Promise<number[]> {
    const { clusters } = this.context;
    const record = this.record;
    if (record === undefined || this.cluster === undefined) return [];
    if (now < renewalDue(record.secretsUntil)) return [renewalDue(record.secretsUntil)];
    const secretsUntil = await publishSecrets(this.cloudOf(record.facts), record.facts, this.cluster.authorities, now);
    clusters.put(this.uid, { ...record, secretsUntil });
    this.tellToken(record.facts, secretsUntil, now);
    return [renewalDue(secretsUntil)];
  }

  /** Tells when the new token ends, by one control plane for all. */
  private tellToken(facts: NodeFacts, until: number, now: number): void {
    const store = this.cloudOf(facts).storeOf(facts);
    const joined = [...this.context.nodes.entries()].map(([, node]) => node).filter(({ uid, step }) => uid === this.uid && step === 'joined');
    const told = store && joined.map(({ name }) => toldExpiries(store, name)).find((one) => one !== undefined);
    if (store !== undefined && told !== undefined) tellExpiries(store, { ...told, at: new Date(now).toISOString(), joinToken: new Date(until).toISOString() });
  }

  /** All control planes are gone: with them everything that etcd held. What they have put into the cloud is there for as long as that is, the cluster's authority among it. */
  private async lose(record: ClusterRecord, machines: readonly Machine[]): Promise<undefined> {
    const { clusters, nodes } = this.context;
    const isOver = this.cloudOf(record.facts).storeOf(record.facts) === undefined;
    const running = new Set(machines.map(({ instance }) => instance.id));
    for (const [id, node] of [...nodes.entries()]) if (node.uid === this.uid && (isOver || !running.has(id))) nodes.delete(id);
    await this.cluster?.close();
    this.cluster = undefined;
    await rm(isOver ? this.folder : path.join(this.folder, objectsFile), { recursive: true, force: true });
    if (isOver) clusters.delete(this.uid);
    else if (record.lost !== true) clusters.put(this.uid, { ...record, lost: true });
    return undefined;
  }
}

/** Since when a way leads to one of these machines; undefined where none does. */
function entryTo(cloud: NodeCloud, machines: readonly Item[], port: number): Exclude<ClusterState['entry'], { missing: string }> | undefined {
  const ways = cloud.waysTo(machines, port);
  return ways.length === 0 ? undefined : { since: Math.min(...ways.map(({ since }) => since)) };
}
