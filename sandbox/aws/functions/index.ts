import type { PropertyMap } from '../../protocol/values.js';
import type { AwsFunction, FunctionContext } from './aws-function.js';
import { getAmi } from './get-ami.js';
import { getAvailabilityZones } from './get-availability-zones.js';
import { getCallerIdentity, getPartition, getRegion } from './account.js';
import { getParameter } from './get-parameter.js';
import { getPolicyDocument } from './get-policy-document.js';

/** Every function that the sandbox imitates, by token. */
export const functions: Readonly<Record<string, AwsFunction>> = {
  'aws:ec2/getAmi:getAmi': getAmi,
  'aws:iam/getPolicyDocument:getPolicyDocument': getPolicyDocument,
  'aws:index/getAvailabilityZones:getAvailabilityZones': getAvailabilityZones,
  'aws:index/getCallerIdentity:getCallerIdentity': getCallerIdentity,
  'aws:index/getPartition:getPartition': getPartition,
  'aws:index/getRegion:getRegion': getRegion,
  'aws:ssm/getParameter:getParameter': getParameter,
};

/** Calls a function; unknown ones are refused loudly, never made up. */
export function callFunction(token: string, args: PropertyMap, context: FunctionContext): PropertyMap {
  const call = functions[token];
  if (call === undefined) throw new Error(`the sandbox does not imitate function ${token}: add it under sandbox/aws/functions/`);
  return { ...args, ...call(args, context) };
}
