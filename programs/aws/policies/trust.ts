import { tokenSubject, type ServiceAccount } from '../../service-accounts.js';
import { policyDocument } from './document.js';

/** A role that an AWS service takes. `conditions` narrow down on whose behalf. */
export function serviceTrust(service: string, conditions?: Readonly<Record<string, Readonly<Record<string, string>>>>): string {
  return policyDocument([{ Sid: 'Service', Effect: 'Allow', Principal: { Service: service }, Action: ['sts:AssumeRole'], ...(conditions ? { Condition: conditions } : {}) }]);
}

/** A role that one service account of the cluster takes, with a token of the cluster's issuer for STS. `issuer` is the URL's host and path. */
export function webIdentityTrust(providerArn: string, issuer: string, account: ServiceAccount): string {
  return policyDocument([{
    Sid: 'ServiceAccount',
    Effect: 'Allow',
    Principal: { Federated: providerArn },
    Action: ['sts:AssumeRoleWithWebIdentity'],
    Condition: { StringEquals: { [`${issuer}:aud`]: 'sts.amazonaws.com', [`${issuer}:sub`]: tokenSubject(account) } },
  }]);
}
