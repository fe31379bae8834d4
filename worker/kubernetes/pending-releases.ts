import type { KubernetesClient } from './client.js';
import type { HelmRelease } from './releases.js';

/** What was found and done about the releases of a cluster. */
export interface SettledReleases {
  /** Revisions that an interrupted Helm had left pending and that are gone now. */
  readonly rolledBack: readonly HelmRelease[];
  /** The releases that there are. */
  readonly releases: readonly HelmRelease[];
}

/**
 * Takes back what a Helm that was killed had begun: it leaves its revision as `pending-install`, `pending-upgrade` or `pending-rollback`, and every later
 * Helm refuses to touch the release. The revision's record is removed. Where there is an older revision that one counts again, and the next upgrade
 * goes from it; without one the release is installed anew, over its own objects.
 */
export async function settleReleases(client: Pick<KubernetesClient, 'releases' | 'remove'>): Promise<SettledReleases> {
  const pending = (await client.releases()).filter(({ status }) => status.startsWith('pending-'));
  for (const { namespace, name, revision } of pending) await client.remove(`/api/v1/namespaces/${namespace}/secrets/sh.helm.release.v1.${name}.v${revision}`);
  return { rolledBack: pending, releases: await client.releases() };
}
