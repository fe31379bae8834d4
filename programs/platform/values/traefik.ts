import type { ClusterSpec } from '../../../model/spec.js';
import { busyFrom, highlyAvailable, monitored, type ValuesInput } from './context.js';

/** The Secret with the certificate of the Gateway's listener for HTTPS. */
const gatewaySecret = 'gateway-certificate';

/** Traefik: replicas and how many more load may bring, a load balancer that only the private network reaches, how clients' addresses come through it, its Gateway, ServiceMonitor. */
export function traefik(input: ValuesInput): Record<string, unknown> {
  const { annotations, proxies } = loadBalancer(input);
  const proxyProtocol = { trustedIPs: proxies };
  const monitor = monitored(input.spec);
  const available = highlyAvailable(input.spec);
  return {
    // One for each zone, and more by load.
    deployment: { replicas: available ? 3 : 1 },
    autoscaling: available ? { enabled: true, minReplicas: 3, maxReplicas: 9, metrics: [busyFrom('400m')] } : { enabled: false },
    service: { annotations },
    ports: { web: { proxyProtocol }, websecure: { proxyProtocol } },
    metrics: { prometheus: { service: { enabled: monitor }, serviceMonitor: { enabled: monitor } } },
    ...(input.spec.platform.gateway === 'traefik' ? gateway(input.spec) : {}),
  };
}

/**
 * The Gateway that routes of the spec's namespaces may attach to. A listener for HTTPS is valid with a certificate only, so it has one that signed itself; a better one that Traefik knows for the name
 * that a client asks for goes before it. The listener for HTTP leads to the other, as the whole entry point does.
 */
function gateway({ name, network, namespaces }: ClusterSpec): Record<string, unknown> {
  const teams = namespaces.map((namespace) => namespace.name);
  const namespacePolicy = teams.length > 0
    // The API server itself sets this label, and a namespace can have no other value.
    ? { from: 'Selector', selector: { matchExpressions: [{ key: 'kubernetes.io/metadata.name', operator: 'In', values: teams }] } }
    : { from: 'Same' };
  return {
    providers: { kubernetesGateway: { enabled: true } },
    gateway: {
      name: 'traefik',
      listeners: {
        web: { namespacePolicy },
        websecure: { port: 8443, protocol: 'HTTPS', namespacePolicy, certificateRefs: [{ name: gatewaySecret }] },
      },
    },
    extraObjects: [
      { apiVersion: 'cert-manager.io/v1', kind: 'Issuer', metadata: { name: 'gateway' }, spec: { selfSigned: {} } },
      {
        apiVersion: 'cert-manager.io/v1',
        kind: 'Certificate',
        metadata: { name: 'gateway' },
        spec: { secretName: gatewaySecret, dnsNames: [`*.${name}.${network.domain}`], privateKey: { algorithm: 'ECDSA', size: 256, rotationPolicy: 'Always' }, issuerRef: { kind: 'Issuer', name: 'gateway' } },
      },
    ],
  };
}

/** What the cloud controller is told about the load balancer, and whose PROXY headers are believed. */
function loadBalancer({ spec }: ValuesInput): { annotations: Record<string, string>; proxies: string[] } {
  switch (spec.provider) {
    case 'aws': {
      const annotation = (name: string): string => `service.beta.kubernetes.io/aws-load-balancer-${name}`;
      return {
        annotations: {
          [annotation('type')]: 'nlb',
          [annotation('internal')]: 'true',
          // A node that reached itself through the load balancer would get its own address as the client's and drop the answer. So the connection
          // comes from the load balancer, and the client's address in a header before it.
          [annotation('target-group-attributes')]: 'preserve_client_ip.enabled=false,proxy_protocol_v2.enabled=true',
          // The header precedes health checks too, and what answers on the health check's own port does not understand it.
          [annotation('healthcheck-protocol')]: 'tcp',
          [annotation('healthcheck-port')]: 'traffic-port',
          [annotation('healthcheck-interval')]: '5',
        },
        proxies: [spec.network.cidr],
      };
    }
    case 'azure':
      return {
        annotations: {
          'service.beta.kubernetes.io/azure-load-balancer-internal': 'true',
          // For an internal load balancer the controller opens nothing by itself: it counts on a rule of Azure's that the machines' security group overrides.
          'service.beta.kubernetes.io/azure-allowed-service-tags': 'VirtualNetwork',
        },
        proxies: [],
      };
  }
}
