import { notAZone, parseAzureZone } from './dns.js';
import type { Fault } from './errors.js';
import { repeated } from './faults.js';
import type { Rule, ValidParts } from './rule.js';
import { notAKey } from './sops.js';
import { storageFaults } from './storage.js';
import { vpcCniFits } from './vpc-cni.js';

/** Rules about what the platform is to have: what each choice needs of the others, and what of the spec is said to a choice that is not there. */
export const platformRules: readonly Rule[] = [
  vpcCniFits, policiesApplied, signaturesRead, storeRead, receiversReached, gatewayFits, dnsZonesFit, podSizingHasCertificates, deliveryFits, storageFits, databasesMayRun, snykIsFed, datadogIsFed, meshFits, rancherBackupFits, logsAreSigned,
];

/** Who asks for something to be refused must not be left to believe that it is. */
function policiesApplied({ platform, policies }: ValidParts): Fault[] {
  if (!platform || !policies || platform.policy !== 'none') return [];
  const needs = 'needs something in /platform/policy that applies it, such as "kyverno"';
  return [
    ...(policies.mode === 'enforce' ? [{ pointer: '/policies/mode', detail: `"enforce" ${needs}` }] : []),
    ...(policies.trustedRegistries.length > 0 ? [{ pointer: '/policies/trustedRegistries', detail: needs }] : []),
    ...(policies.signedImages.length > 0 ? [{ pointer: '/policies/signedImages', detail: needs }] : []),
  ];
}

/** What Kyverno signs in with comes out of the secret store. */
function signaturesRead({ platform, policies }: ValidParts): Fault[] {
  if (!platform || !policies) return [];
  return [
    ...(platform.policy === 'gatekeeper' && policies.signedImages.length > 0 ? [{ pointer: '/policies/signedImages', detail: 'needs "kyverno" in /platform/policy: Gatekeeper looks at no signatures' }] : []),
    ...repeated(policies.signedImages.map(({ images }) => images)).map((index) => ({ pointer: `/policies/signedImages/${index}/images`, detail: 'is given above already' })),
    ...policies.signedImages.flatMap(({ registrySecret }, index) => registrySecret !== undefined && platform.secrets === 'none'
      ? [{ pointer: `/policies/signedImages/${index}/registrySecret`, detail: 'needs "external-secrets" in /platform/secrets, which brings it from the cloud\'s store' }] : []),
  ];
}

/** A store that nobody reads would only look as if it was there. */
function storeRead({ platform, secretStore }: ValidParts): Fault[] {
  if (!platform || !secretStore || secretStore.kind === 'cloud' || platform.secrets !== 'none') return [];
  return [{ pointer: '/secretStore', detail: 'needs "external-secrets" in /platform/secrets, which reads it' }];
}

/** A receiver is told by Alertmanager, with what external-secrets brings out of the cloud's store. */
function receiversReached({ platform, alerting }: ValidParts): Fault[] {
  if (!platform || !alerting || alerting.receivers.length === 0) return [];
  const { receivers } = alerting;
  return [
    ...(platform.monitoring === 'none' ? [{ pointer: '/alerting/receivers', detail: 'needs "prometheus" in /platform/monitoring, which sends the alerts' }] : []),
    ...(platform.secrets === 'none' ? [{ pointer: '/alerting/receivers', detail: 'needs "external-secrets" in /platform/secrets, which brings their secrets from the cloud\'s store' }] : []),
    ...repeated(receivers.map(({ name }) => name)).map((index) => ({ pointer: `/alerting/receivers/${index}/name`, detail: 'is given above already' })),
  ];
}

/** One Traefik answers both, and its listener for HTTPS is invalid without a certificate. */
function gatewayFits({ platform }: ValidParts): Fault[] {
  if (platform?.gateway !== 'traefik') return [];
  return [
    ...(platform.ingress === 'none' ? [{ pointer: '/platform/gateway', detail: '"traefik" needs "traefik" in /platform/ingress, which it is a part of' }] : []),
    ...(platform.certificates === 'none' ? [{ pointer: '/platform/gateway', detail: '"traefik" needs "cert-manager" in /platform/certificates, which issues the certificate of its listener' }] : []),
  ];
}

/** One external-dns writes into all zones: on Azure it reads them from one resource group, and knows one kind of them. */
function dnsZonesFit({ provider, platform, dns }: ValidParts): Fault[] {
  if (!platform || !dns) return [];
  const { zones } = dns;
  if (platform.dns === 'none') return zones.length > 0 ? [{ pointer: '/dns/zones', detail: 'needs "external-dns" in /platform/dns, which writes into them' }] : [];
  if (zones.length === 0) return [{ pointer: '/dns/zones', detail: 'must name at least one zone that "external-dns" in /platform/dns writes into' }];
  const [first, ...others] = zones.map(parseAzureZone);
  const apart = others.flatMap((zone, index) => (first && zone && (zone.group.toLowerCase() !== first.group.toLowerCase() || zone.kind !== first.kind) ? [index + 1] : []));
  return [
    ...(provider ? zones.flatMap((zone, index) => { const detail = notAZone(provider, zone); return detail === undefined ? [] : [{ pointer: `/dns/zones/${index}`, detail }]; }) : []),
    ...repeated(zones.map((zone) => zone.toLowerCase())).map((index) => ({ pointer: `/dns/zones/${index}`, detail: 'is given above already' })),
    ...apart.map((index) => ({ pointer: `/dns/zones/${index}`, detail: 'must lie in the resource group of the first zone, and be public or private as that one' })),
  ];
}

/** The webhook of the one has its certificate from the other. */
function podSizingHasCertificates({ platform }: ValidParts): Fault[] {
  if (platform?.podSizing !== 'vertical-pod-autoscaler' || platform.certificates !== 'none') return [];
  return [{ pointer: '/platform/podSizing', detail: '"vertical-pod-autoscaler" needs "cert-manager" in /platform/certificates, which issues the certificate of its webhook' }];
}

/** What is to be delivered needs who delivers it, and each of them has a way of its own to what is private. */
function deliveryFits({ provider, platform, gitops, namespaces = [] }: ValidParts): Fault[] {
  if (!platform) return [];
  const notKey = provider && gitops?.sops ? notAKey(provider, gitops.sops.key) : undefined;
  return [
    ...(gitops && platform.gitops === 'none' ? [{ pointer: '/gitops', detail: 'needs something in /platform/gitops that brings it: "argocd" or "flux"' }] : []),
    ...(gitops?.secret !== undefined && platform.gitops === 'argocd' ? [{ pointer: '/gitops/secret', detail: 'must be absent with Argo CD, which finds the Secret of a repository by its label' }] : []),
    ...(gitops?.sops && platform.gitops === 'argocd' ? [{ pointer: '/gitops/sops', detail: 'must be absent with Argo CD, which decrypts nothing: take "flux" in /platform/gitops, or keep secrets in the secret store' }] : []),
    ...(notKey === undefined ? [] : [{ pointer: '/gitops/sops/key', detail: notKey }]),
    ...(platform.gitops === 'argocd' ? [] : namespaces.flatMap(({ repositories }, index) =>
      repositories.length > 0 ? [{ pointer: `/namespaces/${index}/repositories`, detail: 'needs "argocd" in /platform/gitops: only Argo CD has projects' }] : [])),
  ];
}

/** Storage outside of the cluster has to be found, and attached. */
function storageFits({ storage, machines }: ValidParts): Fault[] {
  return storage ? storageFaults(storage, machines) : [];
}

/** The images of one operator's databases do not pass the strictest level. */
function databasesMayRun({ platform, namespaces = [] }: ValidParts): Fault[] {
  if (platform?.databases !== 'zalando-postgres' || namespaces.length === 0 || namespaces.some(({ podSecurity }) => podSecurity !== 'restricted')) return [];
  return [{ pointer: '/platform/databases', detail: '"zalando-postgres" needs a namespace whose podSecurity is "baseline": its databases do not pass "restricted"' }];
}

/** The monitor signs in with what external-secrets brings out of the cloud's store. */
function snykIsFed({ platform, snyk }: ValidParts): Fault[] {
  if (!platform) return [];
  return [
    ...(platform.scanning === 'snyk' && platform.secrets === 'none' ? [{ pointer: '/platform/scanning', detail: '"snyk" needs "external-secrets" in /platform/secrets, which brings its integration id and token from the cloud\'s store' }] : []),
    ...(snyk && platform.scanning !== 'snyk' ? [{ pointer: '/snyk', detail: 'needs "snyk" in /platform/scanning' }] : []),
  ];
}

/** The agents sign in with what external-secrets brings out of the cloud's store. */
function datadogIsFed({ platform, datadog }: ValidParts): Fault[] {
  if (!platform) return [];
  return [
    ...(platform.hostedMonitoring === 'datadog' && platform.secrets === 'none' ? [{ pointer: '/platform/hostedMonitoring', detail: '"datadog" needs "external-secrets" in /platform/secrets, which brings its key from the cloud\'s store' }] : []),
    ...(datadog && platform.hostedMonitoring !== 'datadog' ? [{ pointer: '/datadog', detail: 'needs "datadog" in /platform/hostedMonitoring' }] : []),
  ];
}

/** The mesh takes connections over behind the pod network, which has to let it. */
function meshFits({ platform, namespaces = [] }: ValidParts): Fault[] {
  if (!platform) return [];
  if (platform.mesh === 'none') return namespaces.flatMap(({ mesh }, index) => (mesh ? [{ pointer: `/namespaces/${index}/mesh`, detail: 'needs "istio-ambient" in /platform/mesh' }] : []));
  const why = { calico: 'Calico\'s data plane has led a connection to a pod of the Service before the mesh sees what was meant', flannel: 'what enforces network policies beside Flannel has not been tried with connections that the mesh leads on', 'aws-vpc-cni': 'what enforces network policies beside Amazon\'s network has not been tried with connections that the mesh leads on' };
  return platform.cni === 'cilium' ? [] : [{ pointer: '/platform/mesh', detail: `"istio-ambient" needs "cilium" in /platform/cni: ${why[platform.cni]}` }];
}

/** It writes to S3, and saves the namespaces of the spec. */
function rancherBackupFits({ provider, platform, namespaces }: ValidParts): Fault[] {
  if (platform?.backup !== 'rancher-backup') return [];
  return [
    ...(provider === 'azure' ? [{ pointer: '/platform/backup', detail: '"rancher-backup" must not be on azure: it writes to S3 and to nothing that Azure has; take "velero"' }] : []),
    ...(namespaces?.length === 0 ? [{ pointer: '/platform/backup', detail: '"rancher-backup" needs a namespace in /namespaces: it saves those and nothing else' }] : []),
  ];
}

/** Who writes logs, and who may set rights, is told by certificates. */
function logsAreSigned({ platform }: ValidParts): Fault[] {
  if (platform?.logging !== 'opensearch' || platform.certificates !== 'none') return [];
  return [{ pointer: '/platform/logging', detail: '"opensearch" needs "cert-manager" in /platform/certificates, which issues the certificates of its nodes, its administrator and the shipper' }];
}
