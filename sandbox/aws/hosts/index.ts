import { createServer as createHttpServer, type Server } from 'node:http';
import type { HostCloud } from '../../hosts/host-cloud.js';
import { metadataAddress } from '../../hosts/host-cloud.js';
import { number, text } from '../../provider/properties.js';
import type { AwsPart } from '../index.js';
import { runningSince, userDataOf } from '../kubernetes/machines.js';
import * as tokens from '../types/tokens.js';
import { networkOf, vpcOf } from './network.js';

/** What real hosts need of the emulated AWS. */
export function awsHosts({ cloud, dataPlanes, ...aws }: AwsPart): HostCloud {
  const { inventory } = cloud;
  return {
    machineTypes: new Set([tokens.instance]),
    diskTypes: new Set([tokens.volume]),
    machine(item) {
      const network = vpcOf(cloud, item);
      const userData = userDataOf(item);
      const subnet = text(inventory.get(tokens.subnet, text(item.outputs, 'subnetId') ?? '')?.outputs ?? {}, 'cidrBlock');
      if (network === undefined || userData === undefined || subnet === undefined) return undefined;
      const node = text(item.outputs, 'privateDns') ?? item.id;
      const attachments = inventory.childrenOf(item, tokens.volumeAttachment);
      return {
        id: item.id, cluster: item.cluster, name: node.split('.')[0] ?? node, node, network, subnet, userData,
        address: text(item.outputs, 'privateIp') ?? '',
        runningSince: runningSince(item),
        disks: attachments.flatMap(({ outputs }) => {
          const volume = inventory.get(tokens.volume, text(outputs, 'volumeId') ?? '');
          return volume === undefined ? [] : [{ name: (text(outputs, 'deviceName') ?? '').replace('/dev/', ''), id: volume.id, sizeGiB: number(volume.outputs, 'size') ?? 1 }];
        }),
      };
    },
    network: (id) => networkOf(cloud, id),
    metadata: (machine) => aws.instanceMetadata(machine),
    services: byServiceName(dataPlanes),
    // "If the hop limit is 1, an IMDSv2 response does not return because going to the container is considered an additional network hop" (EC2 user guide).
    metadataFilter: `table ip metadata {\n  chain output {\n    type filter hook output priority mangle; policy accept;\n    ip saddr ${metadataAddress} ip ttl set 1\n  }\n}\n`,
    // A host has no NVMe controllers, whose data would tell the name that a volume was attached under.
    files: { 'etc/clusterwright/image.d/aws.sh': '# shellcheck shell=bash disable=SC2034\nimage_etcd_disk=/dev/sdf\n' },
  };
}

/** The data planes behind the services' own names: S3 calls a bucket by its name as well, `BUCKET.s3.REGION.amazonaws.com`. */
function byServiceName(dataPlanes: Server): Server {
  return createHttpServer((incoming, outgoing) => {
    const bucket = /^(.+)\.s3\.[a-z0-9-]+\.amazonaws\.com(:\d+)?$/.exec(incoming.headers.host ?? '')?.[1];
    if (bucket !== undefined) incoming.url = `/${bucket}${incoming.url ?? '/'}`;
    dataPlanes.emit('request', incoming, outgoing);
  });
}
