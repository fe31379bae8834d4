import { describe, expect, it } from 'vitest';
import { chartsOf } from '../../../programs/platform/charts.js';
import { meshLabels, peerAuthentications } from '../../../programs/platform/mesh.js';
import { valuesOf } from '../../../programs/platform/values/index.js';
import { releaseObjects } from '../../../sandbox/kubernetes/provider/release-objects.js';
import { inputOf, specOf } from './clusters.js';

const namespaces = [{ name: 'payments', mesh: true }, { name: 'ledger', mesh: false }];
const meshed = specOf('production', { platform: { mesh: 'istio-ambient' }, namespaces });
const inMesh = { 'istio.io/dataplane-mode': 'ambient' };

describe('the mesh', () => {
  it('is made of parts of one version, which come after what they need', () => {
    const parts = chartsOf(meshed).filter(({ namespace }) => namespace === 'istio-system');
    expect(parts.map(({ name }) => name)).toEqual(['istio-base', 'istiod', 'istio-cni', 'ztunnel']);
    expect(new Set(parts.map(({ version }) => version)).size).toBe(1);
    expect(parts.map(({ after }) => after.filter((name) => parts.some((part) => part.name === name)))).toEqual([[], ['istio-base'], ['istiod'], ['istiod', 'istio-cni']]);
  });

  it('takes in the namespaces that ask for it and the add-ons that call their pods, and nobody else', () => {
    const names = ['payments', 'ledger', 'traefik', 'monitoring', 'logging', 'istio-system', 'cnpg-system', 'kube-system'];
    expect(names.filter((name) => meshLabels(meshed, name)['istio.io/dataplane-mode'] === 'ambient')).toEqual(['payments', 'traefik', 'monitoring']);
    expect(meshLabels(meshed, 'payments')).toEqual(inMesh);
    for (const name of names) expect(meshLabels(specOf('production'), name), name).toEqual({});
  });

  it('lets Cilium leave it its connections and its plugin, and changes nothing of it elsewhere', () => {
    expect(valuesOf('cilium', inputOf(meshed))).toMatchObject({ cni: { exclusive: false }, socketLB: { hostNamespaceOnly: true }, bpf: { masquerade: false } });
    const alone = valuesOf('cilium', inputOf(specOf('production')));
    expect(alone).toMatchObject({ bpf: { masquerade: true } });
    expect(alone).not.toHaveProperty('cni');
    expect(alone).not.toHaveProperty('socketLB');
  });

  it('asks everybody for a certificate, but for the operator of databases at the ports that it calls', () => {
    expect(peerAuthentications(meshed)).toEqual({
      'certificates-only': { mtls: { mode: 'STRICT' } },
      databases: { selector: { matchLabels: { 'cnpg.io/podRole': 'instance' } }, mtls: { mode: 'STRICT' }, portLevelMtls: { 8000: { mode: 'PERMISSIVE' }, 5432: { mode: 'PERMISSIVE' } } },
    });
    expect(Object.keys(peerAuthentications(specOf('production', { platform: { mesh: 'istio-ambient', databases: 'none' } })))).toEqual(['certificates-only']);
  });

  it('finds in the sandbox the kinds that it asks for by, and what Prometheus reads it by', () => {
    const kindsOf = (chart: string) => releaseObjects({ name: chart, namespace: 'istio-system', chart, version: '1.0.0', values: {} }).map(({ spec }) => (spec as { names: { kind: string } }).names.kind);
    expect(kindsOf('base')).toEqual(['PeerAuthentication']);
    expect(kindsOf('prometheus-operator-crds')).toEqual(['PodMonitor']);
  });

  it('has a second control plane and a budget where the platform is highly available', () => {
    expect(valuesOf('istiod', inputOf(meshed))).toMatchObject({ replicaCount: 2, global: { defaultPodDisruptionBudget: { enabled: true } } });
    expect(valuesOf('istiod', inputOf(specOf('development', { platform: { mesh: 'istio-ambient' } })))).toMatchObject({ replicaCount: 1, global: { defaultPodDisruptionBudget: { enabled: false } } });
  });
});
