import { DeleteParametersCommand, GetParametersCommand, paginateGetParametersByPath, SSMClient } from '@aws-sdk/client-ssm';
import { parameterPrefix, provisionerClientSchema, secretName, secretNames, type SecretPath } from '../../../model/rendezvous.js';
import type { PublishedSecrets } from '../cloud.js';
import { awsError, type AwsConnection } from './connection.js';

/** SSM deletes this many parameters in one call. */
const deleteBatch = 10;

/** The nodes' secrets in Systems Manager's parameter store. */
export class ParameterStore {
  readonly #client: SSMClient;

  constructor(connection: AwsConnection) {
    this.#client = connection.client('ssm', SSMClient);
  }

  async published(uid: string): Promise<PublishedSecrets> {
    const names = {
      certificateAuthority: secretName(uid, secretNames.certificateAuthority),
      endpoint: secretName(uid, secretNames.endpoint),
      provisioner: secretName(uid, secretNames.provisionerClient),
    };
    const { Parameters = [] } = await this.#send('reading the parameters of the cluster', () =>
      this.#client.send(new GetParametersCommand({ Names: Object.values(names), WithDecryption: true })));
    const value = (name: string): string | undefined => Parameters.find((parameter) => parameter.Name === name)?.Value;
    const provisioner = value(names.provisioner);
    return {
      certificateAuthority: value(names.certificateAuthority),
      endpoint: value(names.endpoint),
      provisioner: provisioner === undefined ? undefined : provisionerClientSchema.parse(JSON.parse(provisioner)),
    };
  }

  /** Names of all parameters of a cluster. */
  async names(uid: string): Promise<string[]> {
    return this.#send('listing the parameters of the cluster', async () => {
      const names: string[] = [];
      for await (const { Parameters = [] } of paginateGetParametersByPath({ client: this.#client }, { Path: parameterPrefix(uid), Recursive: true })) {
        names.push(...Parameters.flatMap(({ Name }) => Name ?? []));
      }
      return names;
    });
  }

  /** Deletes all parameters of a cluster but these; returns how many. A parameter that is gone already does not matter. */
  async forget(uid: string, keep: readonly SecretPath[]): Promise<number> {
    const kept = keep.map((secret) => secretName(uid, secret));
    const names = (await this.names(uid)).filter((name) => !kept.includes(name));
    for (let from = 0; from < names.length; from += deleteBatch) {
      await this.#send('deleting the parameters of the cluster', () => this.#client.send(new DeleteParametersCommand({ Names: names.slice(from, from + deleteBatch) })));
    }
    return names.length;
  }

  async #send<T>(doing: string, call: () => Promise<T>): Promise<T> {
    try {
      return await call();
    } catch (error) {
      throw awsError(error, doing);
    }
  }
}
