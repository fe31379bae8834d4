import { randomUUID } from 'node:crypto';
import { AwsError } from '../../errors.js';
import * as tokens from '../../types/tokens.js';
import { element } from '../wire.js';
import { describeImages } from './images.js';
import { describeInstances, switchInstances } from './instances.js';
import { describeInstanceTypeOfferings } from './offerings.js';
import type { Ec2Context } from './query.js';
import { deleteOne, describe, described, describeTags } from './resources.js';
import { describeRouteTables, getSubnetCidrReservations } from './routing.js';
import { authorizeSecurityGroupRules, describeSecurityGroupRules } from './security-group-rules.js';
import { describeSecurityGroups, revokeSecurityGroupRules } from './security-groups.js';

type Action = (form: URLSearchParams, context: Ec2Context) => string;

const actions: Readonly<Record<string, Action>> = {
  ...Object.fromEntries(Object.entries(described).map(([action, kind]): [string, Action] => [action, (form, context) => describe(kind, form, context)])),
  DescribeImages: describeImages,
  DescribeInstances: describeInstances,
  DescribeInstanceTypeOfferings: describeInstanceTypeOfferings,
  DescribeRouteTables: describeRouteTables,
  DescribeSecurityGroupRules: describeSecurityGroupRules,
  DescribeSecurityGroups: describeSecurityGroups,
  DescribeTags: describeTags,
  GetSubnetCidrReservations: getSubnetCidrReservations,
  StartInstances: (form, context) => switchInstances('running', form, context),
  StopInstances: (form, context) => switchInstances('stopped', form, context),
  DeleteNetworkInterface: (form, context) => deleteOne(tokens.networkInterface, form.get('NetworkInterfaceId') ?? '', 'InvalidNetworkInterfaceID.NotFound', context),
  DeleteVolume: (form, context) => deleteOne(tokens.volume, form.get('VolumeId') ?? '', 'InvalidVolume.NotFound', context),
  DeleteSecurityGroup: (form, context) => deleteOne(tokens.securityGroup, form.get('GroupId') ?? '', 'InvalidGroup.NotFound', context),
  AuthorizeSecurityGroupIngress: (form, context) => authorizeSecurityGroupRules('ingress', form, context),
  AuthorizeSecurityGroupEgress: (form, context) => authorizeSecurityGroupRules('egress', form, context),
  RevokeSecurityGroupIngress: (form, context) => revokeSecurityGroupRules('ingress', form, context),
  RevokeSecurityGroupEgress: (form, context) => revokeSecurityGroupRules('egress', form, context),
};

/** EC2's query interface, as far as nodes and the worker use it. */
export function ec2(action: string, form: URLSearchParams, context: Ec2Context): string {
  // Rights were looked at before; nothing else of a dry run is imitated.
  if (form.get('DryRun') === 'true') throw new AwsError('DryRunOperation', 'Request would have succeeded, but DryRun flag is set.', 412);
  const perform = actions[action];
  if (perform === undefined) throw new AwsError('InvalidAction', `the sandbox does not imitate ec2:${action}`);
  return `<${action}Response xmlns="http://ec2.amazonaws.com/doc/2016-11-15/">${element('requestId', randomUUID())}${perform(form, context)}</${action}Response>`;
}
