import { createServer, type Server } from 'node:http';
import type { HostCloud, HostMachine } from '../../hosts/host-cloud.js';
import type { Item } from '../../inventory/item.js';
import { number, object, objects, text } from '../../provider/properties.js';
import { rangesOf } from '../addresses.js';
import { lookUp, type Cloud } from '../cloud.js';
import type { AzurePart } from '../index.js';
import { addressOf, hostNameOf, machineTypes, runningSince, subnetsOf, userDataOf } from '../machines.js';
import * as tokens from '../types/tokens.js';
import { networkOf, virtualNetworkOf } from './network.js';

/** What real hosts need of the emulated Azure. Machines go by their `vmId`: the next machine of the same name has the same id of Resource Manager, and is another host. */
export function azureHosts({ cloud, instanceMetadata, dataPlanes }: Pick<AzurePart, 'cloud' | 'instanceMetadata' | 'dataPlanes'>): HostCloud {
  return {
    machineTypes,
    diskTypes: new Set([tokens.disk]),
    machine: (item) => hostMachine(cloud, item),
    network: (id) => networkOf(cloud, id),
    metadata(machine) {
      const item = [...machineTypes].flatMap((type) => cloud.inventory.ofType(type)).find(({ outputs }) => text(outputs, 'vmId') === machine);
      return instanceMetadata(item?.id ?? machine);
    },
    services: byServiceName(dataPlanes),
    // The metadata service counts no hops: which pods may ask it is for the cluster to decide.
    metadataFilter: '',
    files: {},
  };
}

function hostMachine(cloud: Cloud, item: Item): HostMachine | undefined {
  const [subnetId = ''] = subnetsOf(cloud, item);
  const [subnet, network] = [lookUp(cloud, tokens.subnet, subnetId), virtualNetworkOf(cloud, subnetId)];
  const [range] = subnet === undefined ? [] : rangesOf(subnet);
  const [id, userData] = [text(item.outputs, 'vmId'), userDataOf(item)];
  if (id === undefined || network === undefined || range === undefined || userData === undefined) return undefined;
  return {
    id, cluster: item.cluster, name: hostNameOf(item), node: hostNameOf(item).toLowerCase(), network: network.id, address: addressOf(cloud, item), subnet: range.text, runningSince: runningSince(item), userData,
    disks: objects(object(item.outputs, 'storageProfile'), 'dataDisks').flatMap((attached) => {
      const disk = lookUp(cloud, tokens.disk, text(object(attached, 'managedDisk'), 'id') ?? '');
      const number_ = number(attached, 'lun');
      if (disk === undefined || number_ === undefined) return [];
      // https://learn.microsoft.com/azure/virtual-machines/linux/azure-virtual-machine-utilities
      return [{ name: `disk/azure/data/by-lun/${number_}`, id: disk.id, sizeGiB: number(disk.outputs, 'diskSizeGB') ?? 1 }];
    }),
  };
}

/** Services by their hosts' names: what stands in front of a name's service is part of the path on the data planes. */
const services: readonly (readonly [host: RegExp, path: string])[] = [
  [/^([^.]+)\.vault\.azure\.net$/, '/vault/$1'],
  [/^([^.]+)\.blob\.core\.windows\.net$/, '/blob/$1'],
  [/^management\.azure\.com$/, '/management'],
];

/** The data planes behind the services' own names. Other names get nowhere: the service's own token endpoint is on the data planes, too. */
function byServiceName(dataPlanes: Server): Server {
  return createServer((incoming, outgoing) => {
    const host = (incoming.headers.host ?? '').toLowerCase().replace(/:\d+$/, '');
    const [name, path] = services.find(([form]) => form.test(host)) ?? [];
    if (name === undefined || path === undefined) {
      outgoing.writeHead(421, { 'content-type': 'text/plain' }).end(`the sandbox has no service of Azure at ${host}\n`);
      return;
    }
    incoming.url = `${host.replace(name, path)}${incoming.url ?? '/'}`;
    dataPlanes.emit('request', incoming, outgoing);
  });
}
