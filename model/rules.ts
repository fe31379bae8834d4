import { cidr, overlaps } from './cidr.js';
import { clouds } from './clouds/index.js';
import { notAZone, parseAzureZone } from './dns.js';
import type { Fault } from './errors.js';
import { repeated } from './faults.js';
import { pipelineFaults } from './pipelines.js';
import { isReservedNamespace } from './platform.js';
import { storageFaults } from './storage.js';
import { namespacedRoles, type ClusterSpec } from './spec.js';

/** The parts of a spec that are valid by themselves: rules across fields run on whatever is there. */
export type ValidParts = { readonly [K in keyof ClusterSpec]?: ClusterSpec[K] };

type Rule = (spec: ValidParts) => Fault[];

/** All rules across fields; each looks at the parts it needs and says nothing where they are missing. */
const rules: readonly Rule[] = [
  regionExists, machineTypesFit, networkSize, networksApart, poolNamesUnique, poolBounds, namespaceNames, roleNamespaces, bindingsUnique, pipelines, publicCidrs, workloadIdentity, policiesApplied, signaturesRead, storeRead, receiversReached, gatewayFits, dnsZonesFit, podSizingHasCertificates, deliveryFits, storageFits, databasesMayRun, snykIsFed,
];

/** Faults across the fields of a spec, all at once. */
export function crossFieldFaults(spec: ValidParts): Fault[] {
  return rules.flatMap((rule) => rule(spec));
}

function regionExists({ provider, region }: ValidParts): Fault[] {
  if (!provider || region === undefined || clouds[provider].regions.includes(region)) return [];
  return [{ pointer: '/region', detail: `is not a region of ${provider} that clusters can be made in; known are: ${clouds[provider].regions.join(', ')}` }];
}

function machineTypesFit({ provider, controlPlane, nodePools }: ValidParts): Fault[] {
  if (!provider) return [];
  const { machineTypePattern, machineType } = clouds[provider];
  const named = [
    ...(controlPlane ? [{ pointer: '/controlPlane/machineType', type: controlPlane.machineType, controlPlane: true }] : []),
    ...(nodePools ?? []).map((pool, index) => ({ pointer: `/nodePools/${index}/machineType`, type: pool.machineType, controlPlane: false })),
  ];
  return named.flatMap(({ pointer, type, controlPlane: forControlPlane }) => {
    if (!machineTypePattern.test(type)) return [{ pointer, detail: `"${type}" does not look like a machine type of ${provider}` }];
    const facts = machineType(type);
    if (!facts) return [{ pointer, detail: `"${type}" is not in the catalogue of ${provider} machine types that are known to work as nodes` }];
    if (forControlPlane && (facts.vcpus < 2 || facts.memoryGiB < 4)) return [{ pointer, detail: `"${type}" is too small: a control plane needs 2 vCPUs and 4 GiB` }];
    if (facts.memoryGiB < 4) return [{ pointer, detail: `"${type}" is too small: a node needs 4 GiB` }];
    return [];
  });
}

function networkSize({ provider, network }: ValidParts): Fault[] {
  if (!network) return [];
  const faults: Fault[] = [];
  const bits = cidr(network.cidr).bitmask;
  if (provider) {
    const { min, max } = clouds[provider].networkBits;
    if (bits < min || bits > max) faults.push({ pointer: '/network/cidr', detail: `must be between /${min} and /${max} on ${provider}` });
  }
  // Every node gets a /24 of the pod network.
  if (cidr(network.podCidr).bitmask > 20) faults.push({ pointer: '/network/podCidr', detail: 'must be a /20 or larger: each node takes a /24 of it' });
  const serviceBits = cidr(network.serviceCidr).bitmask;
  if (serviceBits > 24 || serviceBits < 12) faults.push({ pointer: '/network/serviceCidr', detail: 'must be between /12 and /24' });
  return faults;
}

function networksApart({ network }: ValidParts): Fault[] {
  if (!network) return [];
  const faults: Fault[] = [];
  const fields = ['cidr', 'podCidr', 'serviceCidr'] as const;
  fields.forEach((later, index) => {
    for (const earlier of fields.slice(0, index)) {
      if (overlaps(network[earlier], network[later])) {
        faults.push({ pointer: `/network/${later}`, detail: `${network[later]} overlaps with /network/${earlier} (${network[earlier]})` });
      }
    }
  });
  return faults;
}

function poolNamesUnique({ nodePools = [] }: ValidParts): Fault[] {
  return repeated(nodePools.map((pool) => pool.name)).map((index) => ({ pointer: `/nodePools/${index}/name`, detail: 'is the name of another pool' }));
}

function poolBounds({ nodePools = [] }: ValidParts): Fault[] {
  return nodePools.flatMap((pool, index) =>
    pool.minNodes > pool.maxNodes ? [{ pointer: `/nodePools/${index}/maxNodes`, detail: `must not be less than minNodes (${pool.minNodes})` }] : []);
}

function namespaceNames({ namespaces = [] }: ValidParts): Fault[] {
  return [
    ...repeated(namespaces.map((namespace) => namespace.name)).map((index) => ({ pointer: `/namespaces/${index}/name`, detail: 'is the name of another namespace' })),
    ...namespaces.flatMap((namespace, index) =>
      isReservedNamespace(namespace.name) ? [{ pointer: `/namespaces/${index}/name`, detail: `"${namespace.name}" belongs to the platform` }] : []),
  ];
}

function roleNamespaces({ access, namespaces }: ValidParts): Fault[] {
  if (!access) return [];
  return access.groups.flatMap((group, index): Fault[] => {
    const at = `/access/groups/${index}/namespaces`;
    const needsNamespaces = namespacedRoles.includes(group.role);
    if (needsNamespaces && !group.namespaces) return [{ pointer: at, detail: `is required: the role "${group.role}" holds in namespaces only` }];
    if (!needsNamespaces && group.namespaces) return [{ pointer: at, detail: `must be absent: the role "${group.role}" holds in the whole cluster` }];
    if (!namespaces) return [];
    const known = new Set(namespaces.map((namespace) => namespace.name));
    return (group.namespaces ?? []).flatMap((name, position) =>
      known.has(name) ? [] : [{ pointer: `${at}/${position}`, detail: `"${name}" is not a namespace of this spec` }]);
  });
}

function bindingsUnique({ access }: ValidParts): Fault[] {
  if (!access) return [];
  return repeated(access.groups.map((group) => `${group.id.toLowerCase()} ${group.role}`))
    .map((index) => ({ pointer: `/access/groups/${index}`, detail: 'repeats a group and role that is given above' }));
}

function pipelines({ name, access, namespaces }: ValidParts): Fault[] {
  if (!access) return [];
  return pipelineFaults(access.pipelines, { entra: access.entra, cluster: name, namespaces: namespaces?.map((namespace) => namespace.name) }, '/access/pipelines');
}

function publicCidrs({ network }: ValidParts): Fault[] {
  if (!network) return [];
  const { public: isPublic, allowedCidrs } = network.apiServer;
  if (isPublic && allowedCidrs.length === 0) return [{ pointer: '/network/apiServer/allowedCidrs', detail: 'must name at least one network when the API server is public' }];
  return [];
}

/** Without workload identity the controllers with cloud rights would run host-network on control planes, which the pinned charts cannot do yet. */
function workloadIdentity({ network }: ValidParts): Fault[] {
  if (!network || network.workloadIdentity) return [];
  return [{ pointer: '/network/workloadIdentity', detail: 'must be true: the storage, logging and backup add-ons have no other way to their cloud rights yet' }];
}

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
function deliveryFits({ platform, gitops, namespaces = [] }: ValidParts): Fault[] {
  if (!platform) return [];
  return [
    ...(gitops && platform.gitops === 'none' ? [{ pointer: '/gitops', detail: 'needs something in /platform/gitops that brings it: "argocd" or "flux"' }] : []),
    ...(gitops?.secret !== undefined && platform.gitops === 'argocd' ? [{ pointer: '/gitops/secret', detail: 'must be absent with Argo CD, which finds the Secret of a repository by its label' }] : []),
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
