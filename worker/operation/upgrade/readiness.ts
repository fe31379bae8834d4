import type { z } from 'zod';
import { clouds } from '../../../model/clouds/index.js';
import type { CheckResult, readinessReportSchema } from '../../../model/readiness.js';
import type { Rollout } from '../../../model/rollout.js';
import { kubernetesReleases, kubernetesVersions, type ClusterSpec, type KubernetesVersion } from '../../../model/spec.js';
import type { Offers } from '../../cloud/index.js';
import type { Obstacles } from '../../kubernetes/obstacles.js';
import { isFor, type HelmRelease } from '../../kubernetes/releases.js';
import { isRemoved, type DeprecatedApi, type ServerFacts } from '../../kubernetes/server-metrics.js';
import type { EtcdBackup } from '../../../model/report.js';
import { listed } from '../listed.js';

/** What is known of a cluster before it is upgraded. */
export interface BeforeUpgrade {
  /** Undefined where the API server does not answer. */
  readonly obstacles: Obstacles | undefined;
  readonly servers: ServerFacts;
  /** Undefined where the API server does not answer. */
  readonly releases: readonly HelmRelease[] | undefined;
  /** When the cluster's authority ends. */
  readonly authorityUntil: Date;
  readonly rollout: Rollout;
  /** Whether machines are replaced within the minor, which an upgrade to it has to have ended for. */
  readonly withinMinor: boolean;
  /** Whether no machine is made anew. */
  readonly inPlace: boolean;
  readonly machines: Pick<ClusterSpec, 'provider' | 'region' | 'controlPlane'>;
  /** Which zones have machines of each of the spec's types, or why the cloud did not say. */
  readonly offers: Offers | Error;
  /** The newest first. */
  readonly backups: readonly EtcdBackup[];
}

const dayMs = 24 * 3_600_000;
const GiB = 2 ** 30;
/** The most that etcd may hold: `quota-backend-bytes` of the nodes' kubeadm configuration. */
const etcdQuota = 8 * GiB;

/** Works out what stands in the way of an upgrade to a minor. Pure. */
export function readinessOf({ obstacles, servers, releases, authorityUntil, rollout, withinMinor, inPlace, machines, offers, backups }: BeforeUpgrade, kubernetesVersion: KubernetesVersion, now: Date): z.infer<typeof readinessReportSchema> {
  return {
    kind: 'upgrade-readiness', at: now.toISOString(), kubernetesVersion,
    checks: [withinMinor ? sameMinor(rollout, kubernetesVersion) : version(rollout, kubernetesVersion), offered(machines, offers, inPlace), ...(obstacles === undefined ? [unanswered] : [...inCluster(obstacles), ...deprecatedApis(servers, kubernetesVersion), ...addons(releases, kubernetesVersion), ...etcdSize(servers)]), authority(authorityUntil, now), newestBackup(backups, now)],
  };
}

const ok = (check: CheckResult['check'], detail: string): CheckResult => ({ check, state: 'ok', detail, hint: null });
const unanswered: CheckResult = { check: 'nodes', state: 'stop', detail: 'The API server does not answer.', hint: 'See why with the cluster\'s conditions; a repair brings back machines that have gone.' };

/** The state may be behind the spec: an upgrade that was stopped is brought to its end before the next begins. */
function version({ controlPlane, pools }: Rollout, wanted: KubernetesVersion): CheckResult {
  const [to, from, oldest] = [wanted, controlPlane, pools].map((minor) => kubernetesVersions.indexOf(minor)) as [number, number, number];
  if (to < from) return { check: 'version', state: 'stop', detail: `The control planes are in ${controlPlane}: there is no way back to ${wanted}.`, hint: `Ask for ${controlPlane}.` };
  if (to - oldest > 1) return { check: 'version', state: 'stop', detail: `Machines of the pools are made in ${pools}: ${wanted} is more than one minor ahead.`, hint: `Ask for ${kubernetesVersions[oldest + 1] ?? controlPlane} first.` };
  return ok('version', `From ${pools} to ${wanted}.`);
}

/** An upgrade that was stopped goes first: it replaces the same machines, and what is beside them is still of the minor before. */
function sameMinor({ controlPlane, pools }: Rollout, minor: KubernetesVersion): CheckResult {
  if (controlPlane === minor && pools === minor) return ok('version', `All machines are made in ${minor}.`);
  return { check: 'version', state: 'stop', detail: `The upgrade to ${minor} has not come to its end: machines of the pools are made in ${pools}.`, hint: `Bring it to its end first: POST /clusters/NAME/upgrade with {"kubernetesVersion": "${minor}"}.` };
}

/** Every machine is made anew, one of each kind beyond what there is, unless it is in place: then only what is made later has to be offered. Control planes stand in zones by their number; a pool goes to any of them. */
function offered({ provider, region, controlPlane }: BeforeUpgrade['machines'], offers: Offers | Error, inPlace: boolean): CheckResult {
  if (offers instanceof Error) return { check: 'machines', state: 'warn', detail: `Whether the cloud offers the machine types is not known: ${offers.message}`, hint: `See that the account has the rights that "npm run doctor -- policy ${provider}" prints.` };
  const zones = clouds[provider].zones(region);
  const closed = (type: string): string[] => zones.filter((zone) => offers.get(type)?.has(zone) !== true);
  const types = [...offers.keys()];
  const missing = types.flatMap((type) => (closed(type).length === 0 ? [] : [`${type} not in ${closed(type).join(', ')}`]));
  if (missing.length === 0) return ok('machines', `Every zone of ${region} offers ${types.join(', ')}.`);
  const stops = !inPlace && (closed(controlPlane.machineType).length > 0 || types.some((type) => closed(type).length === zones.length));
  return { check: 'machines', state: stops ? 'stop' : 'warn', detail: `The cloud does not offer the machines everywhere: ${missing.join('; ')}.`, hint: 'Change machine types to ones that are offered, by a PATCH, before machines have to be made anew.' };
}

function inCluster({ nodes, budgets, webhooks }: Obstacles): CheckResult[] {
  const unready = nodes.filter(({ ready }) => !ready);
  const controlPlanes = unready.filter(({ controlPlane }) => controlPlane);
  return [
    unready.length === 0 ? ok('nodes', `All ${nodes.length} nodes are Ready.`)
      : { check: 'nodes', state: controlPlanes.length > 0 ? 'stop' : 'warn', detail: `Not Ready: ${listed(unready.map(({ name }) => name))}.`, hint: controlPlanes.length > 0 ? 'Repair the cluster: etcd needs all of its members before one is replaced.' : 'Such machines are replaced first; see whether their pods run elsewhere.' },
    budgets.length === 0 ? ok('disruption-budgets', 'Every PodDisruptionBudget allows an eviction.')
      : { check: 'disruption-budgets', state: 'warn', detail: `These allow no eviction now: ${listed(budgets)}.`, hint: 'A node with such a pod cannot be drained, and the upgrade stops there: add replicas, or let the budget allow one fewer.' },
    webhooks.length === 0 ? ok('webhooks', 'Every webhook that may refuse has somebody who answers.')
      : { check: 'webhooks', state: 'stop', detail: `Nobody answers for these webhooks, which refuse then: ${listed(webhooks)}.`, hint: 'Bring back what answers, or delete the configuration: pods that are evicted could not be made again.' },
  ];
}

/** Nothing where no API server tells. */
function deprecatedApis({ deprecated }: ServerFacts, wanted: KubernetesVersion): CheckResult[] {
  if (deprecated === undefined) return [];
  const removed = deprecated.filter(({ removedIn }) => isRemoved(removedIn, wanted));
  const later = deprecated.filter((one) => !removed.includes(one));
  const told = (apis: readonly DeprecatedApi[]): string => listed(apis.map(({ api, removedIn }) => `${api} (until ${removedIn})`));
  if (removed.length > 0) return [{ check: 'deprecated-apis', state: 'stop', detail: `Somebody uses what ${wanted} does not serve: ${told(removed)}.`, hint: 'The audit log has who: such requests have the annotation k8s.io/removed-release. An API server counts from its start on.' }];
  if (later.length > 0) return [{ check: 'deprecated-apis', state: 'warn', detail: `Somebody uses what later minors do not serve: ${told(later)}.`, hint: 'The audit log has who: such requests have the annotation k8s.io/deprecated.' }];
  return [ok('deprecated-apis', 'Nobody uses an API that is going to be removed.')];
}

/** What is installed goes on; Helm refuses to install or change it where its chart is not for the cluster's version. */
function addons(releases: readonly HelmRelease[] | undefined, wanted: KubernetesVersion): CheckResult[] {
  if (releases === undefined) return [];
  const saying = releases.flatMap(({ namespace, name, chartVersion, kubernetes }) => kubernetes === undefined ? [] : [{ words: `${namespace}/${name} ${chartVersion} (for ${kubernetes})`, fits: isFor(kubernetes, kubernetesReleases[wanted]) }]);
  const wordsOf = (verdict: boolean | undefined): string[] => saying.filter(({ fits }) => fits === verdict).map(({ words }) => words);
  const [refused, unread] = [wordsOf(false), wordsOf(undefined)];
  if (refused.length > 0) return [{ check: 'add-ons', state: 'warn', detail: `Charts that are not for ${wanted}: ${listed(refused)}.`, hint: 'Bring them to newer versions first: Helm does not change such a release any more, and nobody has tried what it installed.' }];
  if (unread.length > 0) return [{ check: 'add-ons', state: 'warn', detail: `Charts of which it cannot be read whether they are for ${wanted}: ${listed(unread)}.`, hint: 'See what their makers say of it.' }];
  return [ok('add-ons', `Of ${releases.length} Helm releases, ${saying.length} say which versions of Kubernetes they are for; ${wanted} is one of them for each.`)];
}

/** Nothing where no API server tells. */
function etcdSize({ etcdBytes }: ServerFacts): CheckResult[] {
  if (etcdBytes === undefined) return [];
  const detail = `etcd holds ${(etcdBytes / GiB).toFixed(2)} GiB of ${etcdQuota / GiB}.`;
  const hint = 'See what fills it (events, Helm\'s Secrets, reports of scanners); each new member fetches all of it before it counts.';
  return [etcdBytes > 0.95 * etcdQuota ? { check: 'etcd', state: 'stop', detail, hint } : etcdBytes > etcdQuota / 2 ? { check: 'etcd', state: 'warn', detail, hint } : ok('etcd', detail)];
}

/** Other certificates are made anew with each machine. */
function authority(until: Date, now: Date): CheckResult {
  const days = Math.floor((until.getTime() - now.getTime()) / dayMs);
  const detail = `The cluster's authority ends on ${until.toISOString().slice(0, 10)}.`;
  if (days >= 365) return ok('certificates', detail);
  return { check: 'certificates', state: days < 30 ? 'stop' : 'warn', detail, hint: 'New machines get certificates of it, which end with it. Give the cluster new authorities first: POST /clusters/NAME/rotate with {"what": "ca", "phase": "begin"}.' };
}

function newestBackup([newest]: readonly EtcdBackup[], now: Date): CheckResult {
  if (newest === undefined) return { check: 'backups', state: 'warn', detail: 'There is no snapshot of etcd yet.', hint: 'The upgrade takes one before it changes anything.' };
  const old = now.getTime() - Date.parse(newest.at) > dayMs;
  return old ? { check: 'backups', state: 'warn', detail: `The newest snapshot of etcd is of ${newest.at}.`, hint: 'Control planes take one every hour: see why they do not.' } : ok('backups', `The newest snapshot of etcd is of ${newest.at}.`);
}
