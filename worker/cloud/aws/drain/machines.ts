import {
  DeleteNetworkInterfaceCommand, DeleteSecurityGroupCommand, DeleteVolumeCommand, EC2Client, paginateDescribeNetworkInterfaces, paginateDescribeSecurityGroups, paginateDescribeVolumes,
  paginateDescribeVpcs, RevokeSecurityGroupEgressCommand, RevokeSecurityGroupIngressCommand, type IpPermission, type SecurityGroup,
} from '@aws-sdk/client-ec2';
import { kubernetesOwnershipTag, tagKeys } from '../../../../model/names.js';
import type { ClusterScope } from '../../cloud.js';
import type { AwsConnection } from '../connection.js';
import { balancerControllerTag, diskOfCluster, madeByKubernetes } from './ownership.js';
import type { MadeThing, Territory } from './thing.js';

/** What Kubernetes made in EC2: security groups, network interfaces and disks. */
export class MachineParts {
  readonly #client: EC2Client;

  constructor(connection: AwsConnection, private readonly territory: Pick<Territory, 'accountId' | 'region'>) {
    this.#client = connection.client('ec2', EC2Client);
  }

  /** The cluster's own networks, and whether another cluster of its name has one here. */
  async networks({ name, uid }: ClusterScope): Promise<{ own: Set<string>; onlyOfItsName: boolean }> {
    const own = new Set<string>();
    let others = false;
    for await (const { Vpcs = [] } of paginateDescribeVpcs({ client: this.#client }, { Filters: [{ Name: `tag:${tagKeys.cluster}`, Values: [name] }] })) {
      for (const { VpcId, Tags = [] } of Vpcs) {
        if (VpcId === undefined) continue;
        if (Tags.some(({ Key, Value }) => Key === tagKeys.uid && Value === uid)) own.add(VpcId);
        else others = true;
      }
    }
    return { own, onlyOfItsName: !others };
  }

  /** Interfaces and security groups in these networks, and the cluster's disks. */
  async find(scope: ClusterScope, networks: ReadonlySet<string>, onlyOfItsName: boolean): Promise<MadeThing[]> {
    const [interfaces, groups, disks] = await Promise.all([
      networks.size === 0 ? [] : this.#interfaces(scope, [...networks]),
      networks.size === 0 ? [] : this.#groups(scope, [...networks]),
      this.#disks(scope, onlyOfItsName),
    ]);
    return [...interfaces, ...groups, ...disks];
  }

  /** Those that nothing uses. A load balancer's own cannot be deleted by hand: they go some minutes after it. */
  async #interfaces(scope: ClusterScope, networks: string[]): Promise<MadeThing[]> {
    const found: MadeThing[] = [];
    for await (const { NetworkInterfaces = [] } of paginateDescribeNetworkInterfaces({ client: this.#client }, { Filters: [{ Name: 'vpc-id', Values: networks }, { Name: 'status', Values: ['available'] }] })) {
      for (const { NetworkInterfaceId: id, TagSet = [] } of NetworkInterfaces) {
        if (id === undefined || !madeByKubernetes(scope, [id], TagSet)) continue;
        found.push({ id: this.#arn(`network-interface/${id}`), kind: 'aws:ec2/networkInterface:NetworkInterface', remove: () => this.#client.send(new DeleteNetworkInterfaceCommand({ NetworkInterfaceId: id })) });
      }
    }
    return found;
  }

  async #groups(scope: ClusterScope, networks: string[]): Promise<MadeThing[]> {
    const groups = await this.#groupsBy([{ Name: 'vpc-id', Values: networks }, { Name: 'tag-key', Values: [kubernetesOwnershipTag(scope.name), balancerControllerTag] }]);
    return groups.flatMap(({ GroupId: id, Tags }) => id === undefined || !madeByKubernetes(scope, [id], Tags ?? []) ? [] : {
      id: this.#arn(`security-group/${id}`), kind: 'aws:ec2/securityGroup:SecurityGroup', remove: () => this.#removeGroup(id),
    });
  }

  /** A group that another one's rules name cannot go: the nodes' group lets each load balancer's in. Those rules go first. */
  async #removeGroup(id: string): Promise<void> {
    const naming = (permissions: readonly IpPermission[] = []): IpPermission[] => permissions.flatMap(({ IpProtocol, FromPort, ToPort, UserIdGroupPairs = [] }) =>
      UserIdGroupPairs.filter(({ GroupId }) => GroupId === id).map(({ UserId }) => ({ IpProtocol, FromPort, ToPort, UserIdGroupPairs: [{ GroupId: id, UserId }] })));
    for (const group of await this.#groupsBy([{ Name: 'ip-permission.group-id', Values: [id] }])) {
      if (group.GroupId !== id) await this.#client.send(new RevokeSecurityGroupIngressCommand({ GroupId: group.GroupId, IpPermissions: naming(group.IpPermissions) }));
    }
    for (const group of await this.#groupsBy([{ Name: 'egress.ip-permission.group-id', Values: [id] }])) {
      if (group.GroupId !== id) await this.#client.send(new RevokeSecurityGroupEgressCommand({ GroupId: group.GroupId, IpPermissions: naming(group.IpPermissionsEgress) }));
    }
    await this.#client.send(new DeleteSecurityGroupCommand({ GroupId: id }));
  }

  async #groupsBy(filters: { Name: string; Values: string[] }[]): Promise<SecurityGroup[]> {
    const found: SecurityGroup[] = [];
    for await (const { SecurityGroups = [] } of paginateDescribeSecurityGroups({ client: this.#client }, { Filters: filters })) found.push(...SecurityGroups);
    return found;
  }

  async #disks(scope: ClusterScope, onlyOfItsName: boolean): Promise<MadeThing[]> {
    const found: MadeThing[] = [];
    for await (const { Volumes = [] } of paginateDescribeVolumes({ client: this.#client }, { Filters: [{ Name: `tag:${kubernetesOwnershipTag(scope.name)}`, Values: ['owned'] }] })) {
      for (const { VolumeId: id, Tags = [], State } of Volumes) {
        if (id === undefined || State === 'deleting' || State === 'deleted' || !diskOfCluster(scope, id, Tags, onlyOfItsName)) continue;
        found.push({
          id: this.#arn(`volume/${id}`), kind: 'aws:ebs/volume:Volume',
          // A disk goes when its machine has gone or let go of it.
          remove: State === 'in-use' ? undefined : () => this.#client.send(new DeleteVolumeCommand({ VolumeId: id })),
        });
      }
    }
    return found;
  }

  #arn(resource: string): string {
    return `arn:aws:ec2:${this.territory.region}:${this.territory.accountId}:${resource}`;
  }
}
