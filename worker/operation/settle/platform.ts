import type { Program } from '../../../programs/provider.js';
import { importing } from '../../engine/adoption.js';
import { settleReleases } from '../../kubernetes/pending-releases.js';
import type { HelmRelease } from '../../kubernetes/releases.js';
import type { OperationContext } from '../context.js';
import { lookAtCluster } from '../kubernetes.js';

const releaseType = 'kubernetes:helm.sh/v3:Release';
/** States of a release that the next upgrade can go from. */
const upgradable = ['deployed', 'failed'];

/**
 * The platform's program, prepared for what an interrupted one has left in the cluster: pending releases are taken back, and those that are there
 * without the state's knowledge are imported. All else in the cluster is made again, which comes to the same: server-side apply takes an object as it
 * is. Where the API server does not answer, the program stays as it is.
 */
export async function settledPlatform(context: OperationContext, program: Program): Promise<Program> {
  const found = await lookAtCluster(context, settleReleases);
  if (found === undefined) {
    tell(context, null, 'The API server does not answer: releases that an interrupted operation left pending stay as they are.');
    return program;
  }
  for (const { name, status, revision } of found.rolledBack) tell(context, name, `Revision ${revision} of the release ${name} was left ${status} by an interrupted operation and is taken back.`);
  return withReleases(program, found.releases, context.states.platform?.urns ?? []);
}

/** The program with the releases imported that exist and that the state does not know. */
export function withReleases(program: Program, releases: readonly Pick<HelmRelease, 'namespace' | 'name' | 'status'>[], known: readonly string[]): Program {
  const ids = new Set(releases.filter(({ status }) => upgradable.includes(status)).map(({ namespace, name }) => `${namespace}/${name}`));
  if (ids.size === 0) return program;
  return importing(program, ({ type, urn, inputs }) => {
    const id = `${String(inputs['namespace'])}/${String(inputs['name'])}`;
    return Promise.resolve(type === releaseType && !known.includes(urn) && ids.has(id) ? id : undefined);
  });
}

function tell(context: OperationContext, resource: string | null, text: string): void {
  context.report({ type: 'event', event: { type: 'message', severity: 'warning', text, resource } });
}
