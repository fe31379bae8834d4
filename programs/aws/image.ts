import { getParameterOutput } from '@pulumi/aws/ssm/getParameter.js';
import type * as pulumi from '@pulumi/pulumi';
import type { Context } from './context.js';

/** Where Canonical publishes the current image of Ubuntu 24.04: https://documentation.ubuntu.com/aws/aws-how-to/instances/find-ubuntu-images/ */
const parameter = '/aws/service/canonical/ubuntu/server/24.04/stable/current/amd64/hvm/ebs-gp3/ami-id';

/**
 * The id of the current image. It changes every few weeks: machines and launch templates take it when they are made and ignore it from then on,
 * so that a new image replaces nothing unasked.
 */
export function currentImage({ options }: Context): pulumi.Output<string> {
  // The other property, "value", would turn the id of a public image into a secret.
  return getParameterOutput({ name: parameter }, options).insecureValue;
}
