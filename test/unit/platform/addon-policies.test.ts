import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { addonNamespaces, type AddonNamespace } from '../../../model/platform.js';
import { providers } from '../../../model/spec.js';
import { fences, flows } from '../../../programs/platform/addon-fences.js';
import { addonPolicies, ciliumFence } from '../../../programs/platform/addon-policies.js';
import { addonNamespacesOf, charts, chartsOf } from '../../../programs/platform/charts.js';
import { databaseOperators } from '../../../programs/platform/databases.js';
import { networkPolicies } from '../../../programs/platform/network-policies.js';
import { specOf } from './clusters.js';

const all = Object.keys(addonNamespaces) as AddonNamespace[];
const production = specOf('production');
const docs = readFileSync(new URL('../../../docs/platform.md', import.meta.url), 'utf8');
const policiesOf = (namespace: AddonNamespace, spec = production) => addonPolicies(namespace, spec) as Record<string, { policyTypes: string[]; ingress?: unknown[]; egress?: unknown[] }>;

describe('fences of add-ons', () => {
  it('are there for every namespace of an add-on, and stand in the docs', () => {
    expect(Object.keys(fences).sort()).toEqual([...all].sort());
    for (const namespace of all) expect(docs, namespace).toMatch(new RegExp(`^\\| \`${namespace}\` \\| (calls|–)`, 'm'));
  });

  it('leave out kube-system alone, and the docs name each chart that is in it', () => {
    const [, paragraph = ''] = /\*\*`kube-system` has no fence\*\*([^]*?)\n\n/.exec(docs) ?? [];
    for (const { chart, namespace } of charts) {
      if (namespace === 'kube-system') expect(paragraph, chart).toContain(`\`${chart}\``);
      else expect(all).toContain(namespace);
    }
  });

  it.each(all)('close %s in both directions', (namespace) => {
    expect(policiesOf(namespace)['default-deny']).toEqual({ podSelector: {}, policyTypes: ['Ingress', 'Egress'] });
    expect(ciliumFence(namespace).enableDefaultDeny).toEqual({ ingress: false, egress: false });
  });

  it.each(all)('open nothing of %s without a port or a peer', (namespace) => {
    for (const [name, { ingress = [], egress = [] }] of Object.entries(policiesOf(namespace))) {
      for (const rule of [...ingress, ...egress]) expect(Object.keys(rule as object), name).not.toEqual([]);
    }
  });

  it('let the way to the API server and to webhooks through as identities of Cilium, for it knows nodes by no address', () => {
    expect(ciliumFence('cert-manager')).toEqual({
      endpointSelector: { matchLabels: { 'k8s:io.kubernetes.pod.namespace': 'cert-manager' } },
      enableDefaultDeny: { ingress: false, egress: false },
      ingress: [{ fromEntities: ['host', 'remote-node', 'kube-apiserver'], toPorts: [{ ports: [{ port: '10250', protocol: 'TCP' }] }] }],
      egress: [{ toEntities: ['kube-apiserver'], toPorts: [{ ports: [{ port: '6443', protocol: 'TCP' }] }] }],
    });
    expect(ciliumFence('monitoring').egress).toContainEqual({ toEntities: ['host', 'remote-node'], toPorts: [{ ports: ['9100', '9962', '9963', '10250'].map((port) => ({ port, protocol: 'TCP' })) }] });
  });

  it('name nodes by their addresses where the network is not Cilium, and let webhooks be called by whoever asks, for the overlay hides who it is', () => {
    const calico = specOf('production', { platform: { cni: 'calico' } });
    expect(policiesOf('cert-manager', calico)['allow-api']?.egress).toEqual([{ to: [{ ipBlock: { cidr: calico.network.cidr } }], ports: [{ protocol: 'TCP', port: 6443 }] }]);
    expect(policiesOf('cert-manager', calico)['allow-webhooks']?.ingress).toEqual([{ ports: [{ protocol: 'TCP', port: 10250 }] }]);
    expect(policiesOf('monitoring', calico)['allow-nodes']?.egress).toEqual([{ to: [{ ipBlock: { cidr: calico.network.cidr } }], ports: [9100, 9962, 9963, 10250].map((port) => ({ protocol: 'TCP', port })) }]);
    expect(Object.keys(policiesOf('monitoring')).filter((name) => ['allow-api', 'allow-nodes', 'allow-webhooks'].includes(name))).toEqual([]);
  });

  it('open both ends of each flow, where both are there', () => {
    for (const { from, to, ports } of flows) {
      const tcp = ports.map((port) => ({ protocol: 'TCP', port }));
      const peer = (name: string) => [{ namespaceSelector: { matchLabels: { 'kubernetes.io/metadata.name': name } } }];
      expect(policiesOf(from)['allow-called']?.egress, from).toContainEqual({ to: peer(to), ports: tcp });
      expect(policiesOf(to)['allow-callers']?.ingress, to).toContainEqual({ from: peer(from), ports: tcp });
    }
    const unlogged = specOf('production', { platform: { logging: 'none', tracing: 'none' } });
    expect(policiesOf('monitoring', unlogged)['allow-called']).toBeUndefined();
    expect(JSON.stringify(policiesOf('logging', specOf('production', { platform: { monitoring: 'none' } })))).not.toContain('"monitoring"');
  });

  it('let an add-on with an identity in the cloud reach the cloud, and no fence more than machines can reach', () => {
    for (const provider of providers) {
      for (const { namespace, identity } of chartsOf(specOf('production', {}, provider))) {
        if (identity !== undefined && namespace !== 'kube-system') expect(fences[namespace].outside, namespace).toContain(443);
      }
    }
    for (const namespace of all) for (const port of fences[namespace].outside ?? []) expect([80, 443], namespace).toContain(port);
  });

  it('let Kyverno out to registries only where signatures are looked at', () => {
    const key = '-----BEGIN PUBLIC KEY-----\nMFkw\n-----END PUBLIC KEY-----\n';
    expect(policiesOf('kyverno')).not.toHaveProperty('allow-outside');
    expect(policiesOf('kyverno', specOf('production', { policies: { signedImages: [{ by: 'key', images: 'registry.example.com', key }] } }))['allow-outside']?.egress).toMatchObject([{ ports: [{ protocol: 'TCP', port: 443 }] }]);
  });

  it('take neither pods nor instance metadata for outside', () => {
    expect(policiesOf('velero')['allow-outside']?.egress).toEqual([{
      to: [{ ipBlock: { cidr: '0.0.0.0/0', except: [production.network.podCidr, '169.254.0.0/16', '168.63.129.16/32'] } }], ports: [{ protocol: 'TCP', port: 443 }],
    }]);
  });

  it('let Prometheus in where it is, at the ports of metrics alone', () => {
    for (const namespace of addonNamespacesOf(production)) {
      const ports = fences[namespace].metrics?.map((port) => ({ protocol: 'TCP', port }));
      expect(policiesOf(namespace)['allow-monitoring']?.ingress, namespace).toEqual(ports && [expect.objectContaining({ ports })]);
      expect(policiesOf(namespace, specOf('production', { platform: { monitoring: 'none' } }))['allow-monitoring'], namespace).toBeUndefined();
    }
  });

  it('fit what the fences of teams let in', () => {
    for (const [databases, { namespace, instance, ports }] of Object.entries(databaseOperators)) {
      const own = networkPolicies(specOf('production', { platform: { databases, cni: 'calico' } }));
      expect(own['allow-database-operator'], databases).toMatchObject({ podSelector: { matchLabels: Object.fromEntries([instance]) }, ingress: [{ from: [{ namespaceSelector: { matchLabels: { 'kubernetes.io/metadata.name': namespace } } }] }] });
      expect(own['allow-database-operator']?.ingress[0]?.ports.map(({ port }) => port).sort(), databases).toEqual([...ports].sort());
      expect(own['allow-databases-api']?.podSelector, databases).toEqual(own['allow-database-operator']?.podSelector);
      expect(fences[namespace].pods, databases).toEqual({ labels: Object.fromEntries([instance]), ports: [...ports].sort((one, other) => one - other) });
    }
    expect(networkPolicies(specOf('production', { platform: { databases: 'none' } }))['allow-database-operator']).toBeUndefined();
    expect(policiesOf('traefik')['allow-pods']?.egress).toEqual([{ to: [{ namespaceSelector: {} }] }]);
  });
});
