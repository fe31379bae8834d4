import { X509Certificate } from 'node:crypto';
import { ClusterwrightError } from '../../../model/errors.js';
import { isInPlace, isOfMachineImages } from '../../../model/job-request.js';
import { toldImages } from '../../../model/machine-images.js';
import { obstaclesIn } from '../../kubernetes/obstacles.js';
import { factsIn, type ServerFacts } from '../../kubernetes/server-metrics.js';
import { infrastructureOutputs } from '../../engine/outputs.js';
import type { OperationContext, Phase } from '../context.js';
import { drainableNodes } from '../../kubernetes/node-drain.js';
import { lookAtImages } from '../../machine-images.js';
import { lookAtCluster } from '../kubernetes.js';
import { tell } from '../kubernetes-made.js';
import { filled } from '../sink.js';
import { tellInPlace } from '../upgrade/in-place.js';
import { readinessOf } from '../upgrade/readiness.js';

/** Looks at what stands in the way of the upgrade, and does not let it begin where something has to be put right first. One that has begun goes on: what is wrong may be what it was stopped by. */
export const readiness: Phase = {
  limitMs: 10 * 60_000,
  async run(context) {
    const { kubernetesVersion, name } = context.spec;
    const rollout = filled(context.rollout, 'the rollout');
    const { checks } = await tellReadiness(context);
    const withinMinor = isOfMachineImages(context.job.intent.request);
    const begun = withinMinor ? rollout.surge || context.job.attempt > 1 : rollout.controlPlane === kubernetesVersion;
    const stops = checks.filter(({ check, state }) => state === 'stop' && (!begun || check === 'version'));
    if (stops.length > 0) {
      throw new ClusterwrightError('upgrade-not-ready', `${withinMinor ? `Machines of ${name} cannot be replaced` : `${name} cannot go to ${kubernetesVersion}`} yet. ${stops.map(({ detail }) => detail).join(' ')}`, { resource: name, hint: stops.flatMap(({ hint }) => hint ?? []).join(' ') });
    }
    for (const { state, detail } of checks) if (state === 'warn') tell(context, 'warning', detail);
  },
};

/** Looks, and reports what it saw. */
export async function tellReadiness(context: OperationContext): Promise<ReturnType<typeof readinessOf>> {
  const { states, stacks, cluster, spec } = context;
  context.outputs = infrastructureOutputs(states.infrastructure?.outputs ?? {}, stacks.infrastructure.name);
  context.connection = cluster?.connection ?? undefined;
  const { certificateAuthority } = filled(context.connection, 'the connection');
  const { request } = context.job.intent;
  const [withinMinor, inPlace] = [isOfMachineImages(request), isInPlace(request)];
  if (withinMinor) await tellImages(context);
  if (inPlace) await tellInPlace(context);
  const types = [spec.controlPlane, ...spec.nodePools].map(({ machineType }) => machineType);
  const [obstacles, releases, backups, servers, offers] = await Promise.all([
    lookAtCluster(context, obstaclesIn), lookAtCluster(context, (client) => client.releases()), context.cloud.etcdSnapshots(), serverFacts(context),
    // An account may be older than the right to ask for it.
    context.cloud.offers([...new Set(types)]).catch((error: unknown) => (error instanceof Error ? error : new Error(String(error)))),
  ]);
  const report = readinessOf({ obstacles, releases, backups, servers, offers, machines: spec, authorityUntil: new Date(new X509Certificate(certificateAuthority).validTo), rollout: filled(context.rollout, 'the rollout'), withinMinor, inPlace }, spec.kubernetesVersion, new Date());
  context.report({ type: 'report', report });
  return report;
}

/** Tells which machines are to be replaced. Where the API server does not answer nobody knows, and nothing is. */
async function tellImages(context: OperationContext): Promise<void> {
  const nodes = await lookAtCluster(context, drainableNodes);
  if (nodes === undefined) return;
  const report = await lookAtImages(context.cloud, context.spec, nodes);
  context.report({ type: 'report', report });
  const behind = report.machines.flatMap((machine) => (machine.behind ? machine.node : []));
  tell(context, 'info', `${toldImages(report)} ${behind.length === 0 ? 'None has to be replaced.' : `To be replaced: ${behind.join(', ')}.`}`);
}

/** Each look is a new connection, which the load balancer leads to any API server: three for each of them find nearly always all. */
async function serverFacts(context: OperationContext): Promise<ServerFacts> {
  const texts: string[] = [];
  for (let look = 0; look < 3 * context.spec.controlPlane.replicas; look += 1) texts.push((await lookAtCluster(context, (client) => client.metrics())) ?? '');
  return factsIn(texts);
}
