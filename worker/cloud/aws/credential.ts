import { GetParameterCommand, SSMClient } from '@aws-sdk/client-ssm';
import { ClusterwrightError } from '../../../model/errors.js';
import { provisionerClientSchema, type ProvisionerClient } from '../../../model/rendezvous.js';
import { AwsConnection, awsError, type AwsRole } from './connection.js';

/** Reads the provisioner's current client certificate. Used by the exec plugin: loads nothing but what it needs. */
export async function provisionerClient(region: string, parameter: string, role: AwsRole | undefined): Promise<ProvisionerClient> {
  const client = new AwsConnection(region, role).client('ssm', SSMClient);
  try {
    const { Parameter } = await client.send(new GetParameterCommand({ Name: parameter, WithDecryption: true }));
    return provisionerClientSchema.parse(JSON.parse(Parameter?.Value ?? ''));
  } catch (error) {
    if (error instanceof Error && error.name === 'ParameterNotFound') {
      throw new ClusterwrightError('cluster-unreachable', `The control plane has not published ${parameter}.`, { cause: error });
    }
    throw awsError(error, `reading ${parameter}`);
  }
}
