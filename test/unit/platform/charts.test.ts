import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { addonNamespacesOf, charts, chartsOf, installedAddons, networkReleases } from '../../../programs/platform/charts.js';
import { platformSchema, type Capability } from '../../../model/platform.js';
import { providers, type Provider } from '../../../model/spec.js';
import { addonServiceAccounts } from '../../../programs/service-accounts.js';
import { chartValueFiles } from '../../../templates/charts/index.js';
import { specOf } from './clusters.js';

type SwitchedCapability = Exclude<Capability, 'cni'>;

/** All that a spec may say of a capability. */
function choicesOf(capability: SwitchedCapability): string[] {
  const schema = platformSchema.shape[capability];
  return [...('unwrap' in schema ? schema.unwrap().options : schema.options)];
}

describe('charts of the platform', () => {
  it('pin an exact version and name a repository by https', () => {
    for (const chart of charts) {
      expect(chart.version, chart.name).toMatch(/^v?\d+\.\d+\.\d+(\+up\d+\.\d+\.\d+)?$/);
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
    // Definitions alone run nothing, and need nothing.
    const [first, second, ...rest] = chartsOf(specOf('production', {}, provider)).filter(({ name }) => name !== 'prometheus-operator-crds');
    expect(first).toMatchObject({ name: { aws: 'aws-cloud-controller-manager', azure: 'cloud-provider-azure' }[provider], after: [] });
    // Azure's cloud controller reaches the API server through the network's agents: neither waits for the other.
    expect(second?.name).toBe('cilium');
    expect(second?.after).toEqual(['aws-cloud-controller-manager', 'prometheus-operator-crds']);
    // All that are not early come after the network.
    for (const chart of rest) expect(chart.early, chart.name).not.toBe(true);
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
    for (const provider of providers) expect(names(specOf('production', {}, provider))).toEqual(ofCloud(provider).filter((name) => !['calico-crds', 'tigera-operator', 'flannel', 'aws-vpc-cni', 'flux2', 'flux2-sync', 'falco', 'gatekeeper', 'vertical-pod-autoscaler', 'csi-driver-nfs', 'postgres-operator', 'external-dns', 'snyk-monitor', 'opensearch', 'fluent-bit', 'datadog', 'istio-base', 'istiod', 'istio-cni', 'ztunnel', 'rancher-backup'].includes(name)));
    expect(names(specOf('development'))).toEqual(['aws-cloud-controller-manager', 'cilium', 'snapshot-controller', 'aws-ebs-csi-driver', 'metrics-server']);
    expect(names(specOf('development', {}, 'azure'))).toEqual(['cloud-provider-azure', 'cilium', 'snapshot-controller', 'azuredisk-csi-driver', 'metrics-server']);
    expect(addonNamespacesOf(specOf('development'))).toEqual([]);
    expect(addonNamespacesOf(specOf('production', { platform: { logging: 'none', databases: 'none' } }))).toEqual(['monitoring', 'velero', 'cert-manager', 'external-secrets', 'traefik', 'kyverno', 'argocd', 'argo-rollouts', 'trivy-system', 'kube-bench', 'tracing']);
  });

  it.each(providers)('bring one pod network on %s, whose release brings the kinds of its policies', (provider) => {
    for (const cni of platformSchema.shape.cni.options.filter((choice) => choice !== 'aws-vpc-cni' || provider === 'aws')) {
      const names = chartsOf(specOf('production', { platform: { cni } }, provider)).map(({ name }) => name);
      expect(Object.values(networkReleases).filter((name) => names.includes(name)), cni).toEqual([networkReleases[cni]]);
      expect(charts.find(({ name }) => name === networkReleases[cni])?.early, cni).toBe(true);
    }
  });

  it('are there for each choice that a spec has, and go with it', () => {
    const names = (platform: object) => chartsOf(specOf('development', { platform: platform as never })).map((chart) => chart.name);
    const none = names({});
    const expected: Readonly<Record<SwitchedCapability, Readonly<Record<string, readonly string[]>>>> = {
      ingress: { traefik: ['traefik'] },
      gateway: { traefik: ['gateway-api-crds'] },
      dns: { 'external-dns': ['external-dns'] },
      certificates: { 'cert-manager': ['cert-manager'] },
      secrets: { 'external-secrets': ['external-secrets', 'external-secrets-stores'] },
      policy: { kyverno: ['kyverno', 'kyverno-policies'], gatekeeper: ['gatekeeper'] },
      monitoring: { prometheus: ['prometheus-operator-crds', 'kube-prometheus-stack'] },
      logging: { loki: ['loki', 'alloy'], opensearch: ['opensearch', 'fluent-bit'] },
      backup: { velero: ['velero'], 'rancher-backup': ['rancher-backup'] },
      gitops: { argocd: ['argo-cd', 'argocd-apps'], flux: ['flux2'] },
      rollouts: { 'argo-rollouts': ['argo-rollouts'] },
      nodeScaling: { 'cluster-autoscaler': ['cluster-autoscaler'] },
      podSizing: { 'vertical-pod-autoscaler': ['vertical-pod-autoscaler'] },
      databases: { 'cloudnative-pg': ['cloudnative-pg'], 'zalando-postgres': ['postgres-operator'] },
      scanning: { trivy: ['trivy-operator'], snyk: ['snyk-monitor'] },
      // No chart of it is published.
      benchmark: { 'kube-bench': [] },
      tracing: { tempo: ['tempo', 'opentelemetry-collector'] },
      mesh: { 'istio-ambient': ['istio-base', 'istiod', 'istio-cni', 'ztunnel'] },
      hostedMonitoring: { datadog: ['datadog'] },
      runtimeSecurity: { falco: ['falco'] },
    };
    for (const [capability, choices] of Object.entries(expected)) {
      for (const [choice, brought] of Object.entries(choices)) expect(names({ [capability]: choice }).filter((name) => !none.includes(name)), choice).toEqual(brought);
      expect([...Object.keys(choices), 'none'].sort(), capability).toEqual(choicesOf(capability as SwitchedCapability).sort());
    }
  });
});

describe('installed add-ons', () => {
  it('list what is installed', () => {
    expect(installedAddons(specOf('production'))).toContainEqual({ name: 'velero', chart: 'velero', version: '12.1.0', namespace: 'velero' });
  });
});
