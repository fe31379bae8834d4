import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { addonNamespacesOf, charts, chartsOf, installedAddons } from '../../../programs/platform/charts.js';
import { providers, type Provider } from '../../../model/spec.js';
import { addonServiceAccounts } from '../../../programs/service-accounts.js';
import { chartValueFiles } from '../../../templates/charts/index.js';
import { specOf } from './clusters.js';

describe('charts of the platform', () => {
  it('pin an exact version and name a repository by https', () => {
    for (const chart of charts) {
      expect(chart.version, chart.name).toMatch(/^v?\d+\.\d+\.\d+$/);
      expect(chart.repository, chart.name).toMatch(/^https:\/\//);
    }
  });

  it('have a values file each, and no values file is left over', () => {
    expect(charts.map((chart) => chart.name).sort()).toEqual([...chartValueFiles].sort());
  });

  it('come after all that they need, so that the order has no circle', () => {
    charts.forEach((chart, index) => {
      const earlier = charts.slice(0, index).map((other) => other.name);
      expect(earlier, chart.name).toEqual(expect.arrayContaining([...chart.after]));
    });
  });

  it.each(providers)('put the cloud controller and the network of %s before everything else', (provider) => {
    const [first, second, ...rest] = chartsOf(specOf('production', {}, provider));
    expect(first).toMatchObject({ name: { aws: 'aws-cloud-controller-manager', azure: 'cloud-provider-azure' }[provider], after: [] });
    // Azure's cloud controller reaches the API server through the network's agents: neither waits for the other.
    expect(second?.name).toBe('cilium');
    expect(second?.after).toEqual(['aws-cloud-controller-manager']);
    const needsNetwork = (name: string): boolean => name === 'cilium' || charts.some((chart) => chart.name === name && chart.after.some(needsNetwork));
    for (const chart of rest) expect(needsNetwork(chart.name), chart.name).toBe(true);
  });

  it('lie in the namespace that the cloud trusts for their identity', () => {
    for (const chart of charts) {
      for (const cloud of chart.clouds ?? providers) {
        if (chart.identity !== undefined) expect(addonServiceAccounts[cloud][chart.identity].namespace, chart.name).toBe(chart.namespace);
      }
    }
  });

  it('stand in the docs in their pinned version', () => {
    const docs = readFileSync(new URL('../../../docs/platform.md', import.meta.url), 'utf8');
    for (const { chart, version } of charts) expect(docs).toContain(`\`${chart}\` ${version} |`);
  });

  it('are chosen by the spec', () => {
    const names = (spec: Parameters<typeof chartsOf>[0]) => chartsOf(spec).map((chart) => chart.name);
    const ofCloud = (provider: Provider) => charts.filter((chart) => (chart.clouds ?? providers).includes(provider)).map((chart) => chart.name);
    for (const provider of providers) expect(names(specOf('production', {}, provider))).toEqual(ofCloud(provider));
    expect(names(specOf('development'))).toEqual(['aws-cloud-controller-manager', 'cilium', 'aws-ebs-csi-driver', 'metrics-server']);
    expect(names(specOf('development', {}, 'azure'))).toEqual(['cloud-provider-azure', 'cilium', 'azuredisk-csi-driver', 'metrics-server']);
    expect(addonNamespacesOf(specOf('development'))).toEqual([]);
    expect(addonNamespacesOf(specOf('production', { platform: { logging: 'none' } }))).toEqual(['monitoring', 'velero']);
  });
});

describe('installed add-ons', () => {
  it('list what is installed, and not what the spec merely accepts', () => {
    const spec = specOf('production');
    expect(spec.platform.gitops).toBe('argocd');
    expect(installedAddons(spec).map((addon) => addon.name)).not.toContain('argocd');
    expect(installedAddons(spec)).toContainEqual({ name: 'velero', chart: 'velero', version: '12.1.0', namespace: 'velero' });
  });
});
