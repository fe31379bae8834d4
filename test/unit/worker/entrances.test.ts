import { describe, expect, it } from 'vitest';
import { entrancesOf, type Ingress, type Service } from '../../../worker/kubernetes/entrances.js';

const metadata = { namespace: 'argocd', annotations: { 'meta.helm.sh/release-name': 'argo-cd' } };
const ingress = (host: string | undefined, over: Partial<Ingress['spec']> = {}): Ingress => ({ metadata, spec: { rules: [{ host, http: { paths: [{ path: '/' }] } }], ...over } });
const service = (given: { hostname?: string; ip?: string }[], ports = [{ port: 80 }, { port: 443 }]): Service => ({ metadata, spec: { type: 'LoadBalancer', ports }, status: { loadBalancer: { ingress: given } } });

describe('the entrances of an add-on', () => {
  it('are the names of its Ingresses, with TLS where they have it', () => {
    expect(entrancesOf([ingress('argo.example.com', { tls: [{ hosts: ['argo.example.com'] }] }), ingress('plain.example.com')], [])).toEqual([
      { namespace: 'argocd', release: 'argo-cd', url: 'https://argo.example.com/' }, { namespace: 'argocd', release: 'argo-cd', url: 'http://plain.example.com/' },
    ]);
  });

  it('are the addresses of its load balancers, behind the names', () => {
    expect(entrancesOf([ingress('argo.example.com')], [service([{ hostname: 'x.elb.example.com' }]), service([{ ip: '20.0.0.9' }], [{ port: 80 }])]).map(({ url }) => url)).toEqual([
      'http://argo.example.com/', 'https://x.elb.example.com/', 'http://20.0.0.9/',
    ]);
  });

  it('are none where nobody could go: no name, any name, no address yet, another kind of Service, and what Helm did not make', () => {
    const foreign = { ...ingress('team.example.com'), metadata: { namespace: 'payments' } };
    expect(entrancesOf([ingress(undefined), ingress('*.example.com'), foreign], [service([]), { metadata, spec: { type: 'ClusterIP' } }])).toEqual([]);
  });
});
