import type { KubernetesVersion } from './spec.js';

/**
 * The day on which the last patches of a minor come, the 28th of the fourteenth month after it or the day before: https://kubernetes.io/releases/patch-releases/ says it for each minor. That of 1.36 is by the rule, to be
 * held against that page when it is there.
 */
export const kubernetesEndOfLife: Readonly<Record<KubernetesVersion, string>> = {
  '1.34': '2026-10-27T00:00:00Z', '1.35': '2027-02-28T00:00:00Z', '1.36': '2027-06-28T00:00:00Z',
};

/** What every machine of every cluster runs, and the day on which its standard support ends: https://ubuntu.com/about/release-cycle has the month, the package `distro-info-data` of Ubuntu the day. */
export const operatingSystem = { name: 'Ubuntu 24.04', endOfLife: '2029-05-31T00:00:00Z' } as const;
