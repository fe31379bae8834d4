import { EC2Client, paginateDescribeImages } from '@aws-sdk/client-ec2';
import { GetParameterCommand, SSMClient } from '@aws-sdk/client-ssm';
import { awsImageParameter } from '../../../model/clouds/aws.js';
import { ClusterwrightError } from '../../../model/errors.js';
import { tagKeys } from '../../../model/names.js';
import type { MachineImages } from '../cloud.js';
import { calling, type AwsConnection } from './connection.js';
import { presentInstances } from './machines.js';

/** The image that Canonical's parameter names now, and those of the cluster's instances: control planes and pools. */
export async function readImages(connection: AwsConnection, uid: string): Promise<MachineImages> {
  const [current, instances] = await Promise.all([
    currentImage(connection), presentInstances(connection, 'reading which images the cluster\'s instances were made from', { Name: `tag:${tagKeys.uid}`, Values: [uid] }),
  ]);
  return { current, of: new Map(instances.flatMap(({ id, ImageId }) => (ImageId === undefined ? [] : [[id, ImageId] as const]))) };
}

/** Asked by a filter: an id of an image that is no more would be an error. Canonical's older images are deprecated, and left out unless they are asked for. */
export async function imageDates(connection: AwsConnection, images: readonly string[]): Promise<Map<string, string>> {
  const dates = new Map<string, string>();
  await calling(connection.client('ec2', EC2Client), 'reading when images were published', async (client) => {
    const pages = paginateDescribeImages({ client }, { Filters: [{ Name: 'image-id', Values: [...images] }], IncludeDeprecated: true });
    for await (const { Images = [] } of pages) for (const { ImageId, CreationDate } of Images) if (ImageId !== undefined && CreationDate !== undefined) dates.set(ImageId, CreationDate);
  });
  return dates;
}

async function currentImage(connection: AwsConnection): Promise<string> {
  const { Parameter } = await calling(connection.client('ssm', SSMClient), 'reading the current image of Ubuntu', (client) => client.send(new GetParameterCommand({ Name: awsImageParameter })));
  if (Parameter?.Value === undefined) throw new ClusterwrightError('resource-failed', `The parameter ${awsImageParameter} has no value.`, { resource: awsImageParameter });
  return Parameter.Value;
}
