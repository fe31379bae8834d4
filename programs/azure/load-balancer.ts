import { LoadBalancer } from '@pulumi/azure-native/network/loadBalancer.js';
import { PublicIPAddress } from '@pulumi/azure-native/network/publicIPAddress.js';
import { PrivateRecordSet } from '@pulumi/azure-native/privatedns/privateRecordSet.js';
import { PrivateZone } from '@pulumi/azure-native/privatedns/privateZone.js';
import { VirtualNetworkLink } from '@pulumi/azure-native/privatedns/virtualNetworkLink.js';
import * as pulumi from '@pulumi/pulumi';
import { apiServerPort } from '../../model/names.js';
import type { Context } from './context.js';
import type { Network } from './network.js';

/** How the API server is reached. */
export interface ApiEntry {
  readonly zone: PrivateZone;
  /** The internal load balancer's address, which the worker dials. */
  readonly address: pulumi.Output<string>;
  /** The public load balancer's address, or null. */
  readonly publicAddress: pulumi.Output<string> | null;
  /** Ids of the pools that control planes are members of. */
  readonly pools: readonly pulumi.Output<string>[];
}

/** The name of the record in the cluster's zone: `endpointName` is both together. */
const endpointHost = 'api';
const frontend = 'api';
const pool = 'control-plane';
const probe = 'readyz';

/** The stable name in a private zone, the internal load balancer behind it, and a public one only where the spec asks. */
export function loadBalancer(context: Context, { network, controlPlane }: Network): ApiEntry {
  const { spec, zones, options, place, tags, physical } = context;
  const zoneNumbers = zones.map((zone) => zone.number);
  // The cloud chooses the address, and the balancer keeps it for its life.
  const internal = balancer(context, 'api', { subnet: { id: controlPlane.id }, privateIPAllocationMethod: 'Dynamic', zones: zoneNumbers });
  const address = internal.frontendIPConfigurations.apply((frontends) => frontends?.[0]?.privateIPAddress ?? '');

  const publicIp = spec.network.apiServer.public
    ? new PublicIPAddress('api-public', {
      ...place,
      publicIpAddressName: physical('api-public'),
      sku: { name: 'Standard', tier: 'Regional' },
      publicIPAllocationMethod: 'Static',
      publicIPAddressVersion: 'IPv4',
      zones: zoneNumbers,
      tags: tags('api-public'),
    }, options)
    : undefined;
  const outside = publicIp ? balancer(context, 'api-public', { publicIPAddress: { id: publicIp.id } }) : undefined;

  const zone = new PrivateZone('zone', {
    resourceGroupName: place.resourceGroupName, privateZoneName: `${spec.name}.${spec.network.domain}`, location: 'Global', tags: tags('zone'),
  }, options);
  new VirtualNetworkLink('zone', {
    resourceGroupName: place.resourceGroupName,
    privateZoneName: zone.name,
    virtualNetworkLinkName: physical('zone'),
    location: 'Global',
    virtualNetwork: { id: network.id },
    registrationEnabled: false,
    tags: tags('zone'),
  }, options);
  new PrivateRecordSet('api', {
    resourceGroupName: place.resourceGroupName,
    privateZoneName: zone.name,
    recordType: 'A',
    relativeRecordSetName: endpointHost,
    ttl: 60,
    aRecords: [{ ipv4Address: address }],
  }, options);

  return {
    zone,
    address,
    publicAddress: publicIp ? publicIp.ipAddress.apply((ip) => ip ?? '') : null,
    pools: [internal, ...(outside ? [outside] : [])].map(({ id }) => pulumi.interpolate`${id}/backendAddressPools/${pool}`),
  };
}

/** A Standard load balancer for port 6443. Its parts name each other by id, which is known before it exists. */
function balancer({ options, place, tags, physical, id }: Context, part: string, placement: object): LoadBalancer {
  const name = physical(part);
  const own = (kind: string, item: string): { id: string } => ({ id: `${id('Microsoft.Network/loadBalancers', name)}/${kind}/${item}` });
  return new LoadBalancer(part, {
    ...place,
    loadBalancerName: name,
    sku: { name: 'Standard', tier: 'Regional' },
    frontendIPConfigurations: [{ name: frontend, ...placement }],
    backendAddressPools: [{ name: pool }],
    probes: [{ name: probe, protocol: 'Https', port: apiServerPort, requestPath: '/readyz', intervalInSeconds: 10, numberOfProbes: 2, probeThreshold: 2 }],
    loadBalancingRules: [{
      name: frontend,
      frontendIPConfiguration: own('frontendIPConfigurations', frontend),
      backendAddressPool: own('backendAddressPools', pool),
      probe: own('probes', probe),
      protocol: 'Tcp',
      frontendPort: apiServerPort,
      backendPort: apiServerPort,
      // Watches are silent for minutes; a client hears of a connection that was dropped.
      idleTimeoutInMinutes: 30,
      enableTcpReset: true,
      enableFloatingIP: false,
      // The way out is NAT's alone.
      disableOutboundSnat: true,
      loadDistribution: 'Default',
    }],
    tags: tags(part),
  }, options);
}
