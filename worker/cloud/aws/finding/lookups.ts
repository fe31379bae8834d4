import { DescribeRouteTablesCommand, DescribeVolumesCommand, EC2Client, GetSubnetCidrReservationsCommand } from '@aws-sdk/client-ec2';
import { awsError, globalRegion, type AwsConnection } from '../connection.js';

/** A route table as far as it is looked at: where its routes lead, and whom it is for. */
export interface RouteTableContent {
  readonly destinations: readonly string[];
  readonly subnets: readonly string[];
}

/** What services say that have no tags, or none that the tagging API knows. Each question is asked once; something that is not there is an empty answer. */
export class AwsLookups {
  readonly #answers = new Map<string, Promise<unknown>>();

  constructor(private readonly connection: AwsConnection) {}

  routeTable(id: string): Promise<RouteTableContent> {
    return this.#once(`the route table ${id}`, { destinations: [], subnets: [] }, async () => {
      const { RouteTables = [] } = await this.#network().send(new DescribeRouteTablesCommand({ RouteTableIds: [id] }));
      return {
        destinations: RouteTables.flatMap(({ Routes = [] }) => Routes.flatMap(({ DestinationCidrBlock }) => DestinationCidrBlock ?? [])),
        subnets: RouteTables.flatMap(({ Associations = [] }) => Associations.flatMap(({ SubnetId }) => SubnetId ?? [])),
      };
    });
  }

  /** Ids of a subnet's reservations by their range. */
  reservations(subnet: string): Promise<ReadonlyMap<string, string>> {
    return this.#once(`the reservations of ${subnet}`, new Map(), async () => {
      const { SubnetIpv4CidrReservations = [] } = await this.#network().send(new GetSubnetCidrReservationsCommand({ SubnetId: subnet }));
      return new Map(SubnetIpv4CidrReservations.flatMap(({ Cidr, SubnetCidrReservationId: id }) => (Cidr === undefined || id === undefined ? [] : [[Cidr, id]])));
    });
  }

  /** The instance that a volume is attached to. */
  attachedTo(volume: string): Promise<string | undefined> {
    return this.#once(`the volume ${volume}`, undefined, async () => {
      const { Volumes = [] } = await this.#network().send(new DescribeVolumesCommand({ VolumeIds: [volume] }));
      return Volumes[0]?.Attachments?.find(({ State }) => State !== 'detached' && State !== 'detaching')?.InstanceId;
    });
  }

  hasGroup(name: string): Promise<boolean> {
    return this.#once(`the auto-scaling group ${name}`, false, async () => {
      const { AutoScalingClient, DescribeAutoScalingGroupsCommand } = await import('@aws-sdk/client-auto-scaling');
      const client = this.connection.client('autoscaling', AutoScalingClient);
      const { AutoScalingGroups = [] } = await client.send(new DescribeAutoScalingGroupsCommand({ AutoScalingGroupNames: [name] }));
      // A group that is being deleted is listed until its machines are gone.
      return AutoScalingGroups.some(({ Status }) => Status === undefined);
    });
  }

  hasRole(name: string): Promise<boolean> {
    return this.#once(`the role ${name}`, false, async () => {
      const { GetRoleCommand, IAMClient } = await import('@aws-sdk/client-iam');
      const client = this.connection.client('iam', IAMClient, { region: globalRegion });
      return client.send(new GetRoleCommand({ RoleName: name })).then(() => true);
    });
  }

  hasRolePolicy(role: string, name: string): Promise<boolean> {
    return this.#once(`the policy ${name} of the role ${role}`, false, async () => {
      const { GetRolePolicyCommand, IAMClient } = await import('@aws-sdk/client-iam');
      const client = this.connection.client('iam', IAMClient, { region: globalRegion });
      return client.send(new GetRolePolicyCommand({ RoleName: role, PolicyName: name })).then(() => true);
    });
  }

  aliasesOf(key: string): Promise<readonly string[]> {
    return this.#once(`the aliases of ${key}`, [], async () => {
      const { KMSClient, ListAliasesCommand } = await import('@aws-sdk/client-kms');
      const client = this.connection.client('kms', KMSClient);
      const { Aliases = [] } = await client.send(new ListAliasesCommand({ KeyId: key }));
      return Aliases.flatMap(({ AliasName }) => AliasName ?? []);
    });
  }

  /** The networks that see a private zone. */
  networksOf(zone: string): Promise<readonly string[]> {
    return this.#once(`the zone ${zone}`, [], async () => {
      const { GetHostedZoneCommand, Route53Client } = await import('@aws-sdk/client-route-53');
      const client = this.connection.client('route53', Route53Client, { region: globalRegion });
      const { VPCs = [] } = await client.send(new GetHostedZoneCommand({ Id: zone }));
      return VPCs.flatMap(({ VPCId }) => VPCId ?? []);
    });
  }

  #network(): EC2Client {
    return this.connection.client('ec2', EC2Client);
  }

  #once<T>(what: string, none: T, ask: () => Promise<T>): Promise<T> {
    const asked = this.#answers.get(what) as Promise<T> | undefined;
    if (asked !== undefined) return asked;
    const answer = ask().catch((error: unknown) => {
      if (isMissing(error)) return none;
      throw awsError(error, `looking for ${what}`);
    });
    this.#answers.set(what, answer);
    return answer;
  }
}

/** `InvalidSubnetID.NotFound`, `NoSuchEntityException`, `NotFoundException`, `NoSuchHostedZone`: each service has its own word for it. */
function isMissing(error: unknown): boolean {
  return error instanceof Error && /NotFound|^NoSuch/.test(error.name);
}
