import type { AwsAccount } from '../../../model/accounts.js';
import type { NodeStep } from '../../../model/rendezvous.js';
import type { ClusterSpec } from '../../../model/spec.js';
import type { Cloud, PublishedSecrets, Search } from '../cloud.js';
import { AwsConnection } from './connection.js';
import type { NodeStepReader } from './node-steps.js';
import type { ParameterStore } from './secrets.js';

/** Kind under which the nodes' parameters are listed. */
const parameterKind = 'aws:ssm/parameter:Parameter';

/** AWS as the worker talks to it. Each service's client is loaded with its first use: together they take a third of a second. */
export class AwsCloud implements Cloud {
  readonly #connection: AwsConnection;
  #parameters: Promise<ParameterStore> | undefined;
  #steps: Promise<NodeStepReader> | undefined;

  constructor(private readonly region: string, private readonly account: AwsAccount) {
    this.#connection = AwsConnection.of(region, account);
  }

  async checkIdentity(): Promise<void> {
    const { checkIdentity } = await import('./identity.js');
    await checkIdentity(this.#connection, this.account.accountId);
  }

  async checkQuotas(spec: ClusterSpec): Promise<void> {
    const { checkQuotas } = await import('./quotas.js');
    await checkQuotas(this.#connection, spec);
  }

  async secrets(uid: string): Promise<PublishedSecrets> {
    return (await this.#parameterStore()).published(uid);
  }

  async nodeSteps(bucket: string): Promise<NodeStep[]> {
    this.#steps ??= import('./node-steps.js').then(({ NodeStepReader: Reader }) => new Reader(this.#connection));
    return (await this.#steps).steps(bucket);
  }

  async forgetSecrets(uid: string): Promise<number> {
    return (await this.#parameterStore()).forget(uid);
  }

  async findByUid(uid: string): Promise<Search> {
    const { findByUid, taggedKinds } = await import('./tags.js');
    const [tagged, parameters] = await Promise.all([findByUid(this.#connection, uid), this.#parameterStore().then((store) => store.names(uid))]);
    return {
      kinds: [...taggedKinds, parameterKind],
      found: [...tagged, ...parameters.map((id) => ({ id, kind: parameterKind, region: this.region, part: undefined }))],
    };
  }

  #parameterStore(): Promise<ParameterStore> {
    return (this.#parameters ??= import('./secrets.js').then(({ ParameterStore: Parameters }) => new Parameters(this.#connection)));
  }
}
