import { z } from 'zod';
import type { Cloud } from '../cloud.js';
import { arn } from '../cloud.js';
import { AwsError } from '../errors.js';
import { parseInput } from './input.js';

interface Quota {
  readonly service: string;
  readonly code: string;
  readonly name: string;
  readonly value: number;
  readonly global?: boolean;
}

/**
 * Quotas of the sandbox's account. Codes and names are AWS's; the values are those of an account that runs some dozens of
 * clusters, as the defaults (5 networks, 5 elastic addresses, 5 vCPUs) would not hold one.
 */
const table: readonly Quota[] = [
  { service: 'vpc', code: 'L-F678F1CE', name: 'VPCs per Region', value: 100 },
  { service: 'vpc', code: 'L-407747CB', name: 'Subnets per VPC', value: 200 },
  { service: 'vpc', code: 'L-FE5A380F', name: 'NAT gateways per Availability Zone', value: 100 },
  { service: 'vpc', code: 'L-A4707A72', name: 'Internet gateways per Region', value: 100 },
  { service: 'vpc', code: 'L-E79EC296', name: 'VPC security groups per Region', value: 2500 },
  { service: 'vpc', code: 'L-0EA8095F', name: 'Inbound or outbound rules per security group', value: 60 },
  { service: 'vpc', code: 'L-1B52E74A', name: 'Gateway VPC endpoints per Region', value: 100 },
  { service: 'vpc', code: 'L-29B6F2EB', name: 'Interface VPC endpoints per VPC', value: 50 },
  { service: 'vpc', code: 'L-7E9ECCDB', name: 'Active VPC peering connections per VPC', value: 125 },
  { service: 'vpc', code: 'L-93826ACB', name: 'Routes per route table', value: 500 },
  { service: 'ec2', code: 'L-0263D0A3', name: 'EC2-VPC Elastic IPs', value: 300 },
  { service: 'ec2', code: 'L-1216C47A', name: 'Running On-Demand Standard (A, C, D, H, I, M, R, T, Z) instances', value: 5000 },
  { service: 'ebs', code: 'L-7A658B76', name: 'Storage for General Purpose SSD (gp3) volumes, in TiB', value: 300 },
  { service: 'elasticloadbalancing', code: 'L-69A177A2', name: 'Network Load Balancers per Region', value: 100 },
  { service: 'elasticloadbalancing', code: 'L-B22855CB', name: 'Target Groups per Region', value: 3000 },
  { service: 'autoscaling', code: 'L-CDE20ADC', name: 'Auto Scaling groups per region', value: 500 },
  { service: 'iam', code: 'L-FE177D64', name: 'Roles per account', value: 1000, global: true },
  { service: 'iam', code: 'L-6E65F664', name: 'Instance profiles per account', value: 1000, global: true },
  { service: 'iam', code: 'L-E95E4862', name: 'Customer managed policies per account', value: 1500, global: true },
  { service: 'iam', code: 'L-858F3967', name: 'OpenId connect providers per account', value: 100, global: true },
  { service: 's3', code: 'L-DC2B2D3D', name: 'General purpose buckets', value: 10_000, global: true },
  { service: 'kms', code: 'L-C2F1777E', name: 'Customer Master Keys (CMKs)', value: 100_000 },
  { service: 'route53', code: 'L-4EA4796A', name: 'Hosted zones', value: 500, global: true },
];

const getSchema = z.looseObject({ ServiceCode: z.string(), QuotaCode: z.string() });
const listSchema = z.looseObject({ ServiceCode: z.string(), NextToken: z.string().optional() });

/** Service Quotas: what is allowed, not what is used. */
export function quotas(operation: string, input: unknown, { region }: { cloud: Cloud; region: string }): unknown {
  switch (operation) {
    case 'GetServiceQuota':
    case 'GetAWSDefaultServiceQuota': {
      const { ServiceCode, QuotaCode } = parseInput(getSchema, input);
      const quota = table.find(({ service, code }) => service === ServiceCode && code === QuotaCode);
      if (quota === undefined) throw new AwsError('NoSuchResourceException', `The request failed because the specified service does not exist: ${ServiceCode} ${QuotaCode}.`);
      return { Quota: shown(quota, region) };
    }
    case 'ListServiceQuotas':
    case 'ListAWSDefaultServiceQuotas': {
      const { ServiceCode } = parseInput(listSchema, input);
      const found = table.filter(({ service }) => service === ServiceCode);
      if (found.length === 0) throw new AwsError('NoSuchResourceException', `The request failed because the specified service does not exist: ${ServiceCode}.`);
      return { Quotas: found.map((quota) => shown(quota, region)) };
    }
    default:
      throw new AwsError('UnknownOperationException', `the sandbox does not imitate servicequotas:${operation}`);
  }
}

function shown(quota: Quota, region: string): Record<string, unknown> {
  return {
    ServiceCode: quota.service,
    ServiceName: quota.service,
    QuotaArn: arn('servicequotas', region, `${quota.service}/${quota.code}`),
    QuotaCode: quota.code,
    QuotaName: quota.name,
    Value: quota.value,
    Unit: 'None',
    Adjustable: true,
    GlobalQuota: quota.global === true,
  };
}
