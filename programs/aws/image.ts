import { getParameterOutput } from '@pulumi/aws/ssm/getParameter.js';
import type * as pulumi from '@pulumi/pulumi';
import { awsImageParameter } from '../../model/clouds/aws.js';
import type { Context } from './context.js';

/**
 * The id of the current image. It changes every few weeks: machines and launch templates take it when they are made and ignore it from then on,
 * so that a new image replaces nothing unasked.
 */
export function currentImage({ options }: Context): pulumi.Output<string> {
  // The other property, "value", would turn the id of a public image into a secret.
  return getParameterOutput({ name: awsImageParameter }, options).insecureValue;
}
