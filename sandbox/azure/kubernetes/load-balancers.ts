import type { NodeFacts } from '../../../model/rendezvous.js';
import type { Item } from '../../inventory/item.js';
import { tagMap } from '../../inventory/tags.js';
import { isRecord, listAt, type KubeObject } from '../../kubernetes/json.js';
import type { PropertyMap } from '../../protocol/values.js';
import { Lifecycle } from '../../provider/lifecycle.js';
import { object, objects, text } from '../../provider/properties.js';
import { lookUp, type Cloud } from '../cloud.js';
import { AzureError } from '../errors.js';
import { groupId, groupOf, nameOf } from '../ids.js';
import { admitNew, azure } from '../lifecycle.js';
import { resourceType } from '../types/index.js';
import * as tokens from '../types/tokens.js';

/** Whose controllers make something, and where. */
export interface Made {
  readonly cloud: Cloud;
  readonly facts: NodeFacts;
}

const internalAnnotation = 'service.beta.kubernetes.io/azure-load-balancer-internal';
const serviceTag = 'k8s-azure-service';

/** Name of the cluster's group, which is configured as the place of all that the controllers make. */
export function groupOfCluster({ cloud, facts }: Made): string {
  const network = cloud.inventory.ofType(tokens.virtualNetwork).find(({ uid }) => uid === facts.uid);
  if (network === undefined) throw new AzureError('ResourceNotFound', 'the cluster has no network', 404);
  return groupOf(network.id) ?? '';
}

/**
 * What cloud-provider-azure makes of a Service: a frontend with rules on the cluster's one public or internal load balancer, which it makes with the first of them, and a
 * public address for each. Answers the address. https://cloud-provider-azure.sigs.k8s.io/topics/loadbalancer/
 */
export function makeBalancer(made: Made, service: KubeObject): string {
  const { cloud, facts } = made;
  const group = groupOfCluster(made);
  const internal = service.metadata.annotations?.[internalAnnotation] === 'true';
  const name = frontendName(service);
  const loadBalancerName = internal ? `${facts.cluster}-internal` : facts.cluster;
  const id = `${groupId(group)}/providers/Microsoft.Network/loadBalancers/${loadBalancerName}`;
  const frontend: PropertyMap = internal
    ? { name, subnet: { id: workerSubnet(made) }, privateIPAllocationMethod: 'Dynamic' }
    : { name, publicIPAddress: { id: publicAddress(made, group, service).id } };
  const balancer = lookUp(cloud, tokens.loadBalancer, id);
  const frontends = [...objects(balancer?.inputs ?? {}, 'frontendIPConfigurations').filter((one) => one['name'] !== name), frontend];
  const rules = [...objects(balancer?.inputs ?? {}, 'loadBalancingRules').filter((rule) => frontendOf(rule) !== name), ...rulesOf(id, name, service)];
  const inputs: PropertyMap = {
    resourceGroupName: group, location: facts.region, loadBalancerName, sku: { name: 'Standard' }, backendAddressPools: [{ name: 'kubernetes' }], frontendIPConfigurations: frontends, loadBalancingRules: rules,
  };
  const type = resourceType(tokens.loadBalancer);
  const item = balancer === undefined ? admitNew(cloud, type, facts.region, inputs) : new Lifecycle(azure, cloud).applyChange(type, balancer, inputs);
  own(made, item, 'services');
  const shown = objects(item.outputs, 'frontendIPConfigurations').find((one) => one['name'] === name) ?? {};
  const address = lookUp(cloud, tokens.publicIpAddress, text(object(shown, 'publicIPAddress'), 'id') ?? '');
  return text(shown, 'privateIPAddress') ?? text(address?.outputs ?? {}, 'ipAddress') ?? '';
}

/** Removes a Service's frontend and address; with the last frontend goes the load balancer. */
export function removeBalancer(made: Made, service: KubeObject): void {
  const { cloud, facts } = made;
  const name = frontendName(service);
  for (const balancer of cloud.inventory.ofType(tokens.loadBalancer)) {
    const { inputs, outputs, uid, resource } = balancer;
    if (uid !== facts.uid || resource !== 'services' || !objects(outputs, 'frontendIPConfigurations').some((one) => one['name'] === name)) continue;
    const frontends = objects(inputs, 'frontendIPConfigurations').filter((one) => one['name'] !== name);
    if (frontends.length === 0) cloud.inventory.delete(balancer);
    else own(made, new Lifecycle(azure, cloud).applyChange(resourceType(tokens.loadBalancer), balancer, { ...inputs, frontendIPConfigurations: frontends, loadBalancingRules: objects(inputs, 'loadBalancingRules').filter((rule) => frontendOf(rule) !== name) }), 'services');
  }
  for (const address of cloud.inventory.ofType(tokens.publicIpAddress)) {
    if (address.uid === facts.uid && tagMap(address.outputs['tags'])[serviceTag] === serviceName(service)) cloud.inventory.delete(address);
  }
}

function publicAddress(made: Made, group: string, service: KubeObject): Item {
  const { cloud, facts } = made;
  const publicIpAddressName = `${facts.cluster}-${frontendName(service)}`;
  const existing = lookUp(cloud, tokens.publicIpAddress, `${groupId(group)}/providers/Microsoft.Network/publicIPAddresses/${publicIpAddressName}`);
  return existing ?? own(made, admitNew(cloud, resourceType(tokens.publicIpAddress), facts.region, {
    resourceGroupName: group, location: facts.region, publicIpAddressName, sku: { name: 'Standard' }, publicIPAllocationMethod: 'Static', publicIPAddressVersion: 'IPv4',
    tags: { [serviceTag]: serviceName(service), 'k8s-azure-cluster-name': facts.cluster },
  }), `service ${serviceName(service)}`);
}

function workerSubnet({ cloud, facts }: Made): string {
  const subnet = cloud.inventory.ofType(tokens.subnet).find(({ id, uid }) => uid === facts.uid && nameOf(id) === 'workers');
  if (subnet === undefined) throw new AzureError('ResourceNotFound', 'the cluster has no subnet "workers"', 404);
  return subnet.id;
}

function rulesOf(balancer: string, frontend: string, service: KubeObject): PropertyMap[] {
  return listAt(service, 'spec', 'ports').filter(isRecord).map((port) => ({
    name: `${frontend}-TCP-${Number(port['port'])}`, protocol: 'Tcp', frontendPort: Number(port['port']), backendPort: Number(port['port']), enableFloatingIP: true, disableOutboundSnat: true,
    frontendIPConfiguration: { id: `${balancer}/frontendIPConfigurations/${frontend}` }, backendAddressPool: { id: `${balancer}/backendAddressPools/kubernetes` },
  }));
}

function frontendOf(rule: PropertyMap): string {
  return nameOf(text(object(rule, 'frontendIPConfiguration'), 'id') ?? '');
}

/** `a` and the Service's uid without hyphens. */
function frontendName(service: KubeObject): string {
  return `a${(service.metadata.uid ?? '').replaceAll('-', '')}`;
}

function serviceName({ metadata }: KubeObject): string {
  return `${metadata.namespace ?? ''}/${metadata.name}`;
}

/** Notes in the inventory whose it is; the cloud itself tells only by the group that it is in. */
function own({ cloud, facts }: Made, item: Item, resource: string): Item {
  const owned = { ...item, cluster: facts.cluster, uid: facts.uid, resource };
  cloud.inventory.update(owned);
  return owned;
}
