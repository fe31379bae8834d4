import { arn } from '../cloud.js';
import { publicParameter } from '../images.js';
import { text } from '../../provider/properties.js';
import type { AwsFunction } from './aws-function.js';

/** A parameter of the store, or one of Canonical's public ones. */
export const getParameter: AwsFunction = (args, { cloud, region }) => {
  const name = text(args, 'name') ?? '';
  const value = publicParameter(region, name, cloud.ubuntu.newest());
  const own = cloud.parameters.get(region, name);
  if (value !== undefined) {
    return { id: name, name, region, arn: `arn:aws:ssm:${region}::parameter${name}`, type: 'String', value, insecureValue: value, version: 1, withDecryption: args['withDecryption'] ?? true };
  }
  if (own === undefined) throw new Error(`reading SSM Parameter (${name}): couldn't find resource`);
  return {
    id: name,
    name,
    region,
    arn: arn('ssm', region, `parameter${name.startsWith('/') ? '' : '/'}${name}`),
    type: own.type,
    value: own.value,
    insecureValue: own.type === 'SecureString' ? '' : own.value,
    version: own.version,
    withDecryption: args['withDecryption'] ?? true,
  };
};
