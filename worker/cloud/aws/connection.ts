import type { AwsAccount } from '../../../model/accounts.js';
import { ClusterwrightError, isClusterwrightError } from '../../../model/errors.js';

/** Where services without regions, IAM and Route 53, are asked, and where their tags are found. */
export const globalRegion = 'us-east-1';

/** How the role of an account is assumed. */
export interface AwsRole {
  readonly roleArn: string;
  readonly externalId: string | undefined;
}

interface Credentials {
  readonly accessKeyId: string;
  readonly secretAccessKey: string;
  readonly sessionToken?: string;
  readonly expiration?: Date;
}

// The SDK announces on every start of a process that it will leave Node 20 behind; which Node runs is decided in package.json.
process.env['AWS_SDK_JS_NODE_VERSION_SUPPORT_WARNING_DISABLED'] ??= 'true';

/** Configuration that all clients of an account share. */
export interface AwsClientConfiguration {
  readonly region: string;
  readonly endpoint?: string;
  readonly credentials?: () => Promise<Credentials>;
  readonly maxAttempts: number;
}

/** What is open, by account and region. */
const opened = new WeakMap<AwsAccount, Map<string, AwsConnection>>();

/** Role credentials are renewed this long before they end, in milliseconds. */
const renewBefore = 5 * 60_000;

/**
 * Connections to one account and region. Without a role the SDK's own chain gives the service's identity; with one, that identity assumes
 * it once for all clients. Addresses come from the accounts file, else from `AWS_ENDPOINT_URL`, which the SDK reads by itself.
 */
export class AwsConnection {
  #credentials: Promise<Credentials> | undefined;
  readonly #clients = new Map<string, unknown>();

  constructor(readonly region: string, private readonly role: AwsRole | undefined, private readonly endpoints: Readonly<Record<string, string>> = {}) {}

  /** The connection to an account's region: one, however often it is asked for. */
  static of(region: string, account: AwsAccount): AwsConnection {
    const regions = opened.get(account) ?? new Map<string, AwsConnection>();
    opened.set(account, regions);
    const role = account.roleArn === undefined ? undefined : { roleArn: account.roleArn, externalId: account.externalId };
    const connection = regions.get(region) ?? new AwsConnection(region, role, account.endpoints);
    regions.set(region, connection);
    return connection;
  }

  /** The client of `service` (`ssm`, `s3`, …) that all calls share: making one, with its credentials and sockets, costs more than most calls do. Its idle sockets hold no process up. */
  client<Client, Own extends object = object>(service: string, Client: new (configuration: AwsClientConfiguration & Own) => Client, own?: Own & Partial<Pick<AwsClientConfiguration, 'region' | 'maxAttempts'>>): Client {
    const key = `${Client.name} ${JSON.stringify(own ?? {})}`;
    const known = this.#clients.get(key);
    if (known instanceof Client) return known;
    const client = new Client(Object.assign(this.#configuration(service), own));
    this.#clients.set(key, client);
    return client;
  }

  #configuration(service: string): AwsClientConfiguration {
    const endpoint = this.endpoints[service];
    return {
      region: this.region,
      maxAttempts: 5,
      ...(endpoint === undefined ? {} : { endpoint }),
      ...(this.role === undefined ? {} : { credentials: () => this.#assumed() }),
    };
  }

  /** Whether a service is not at the cloud's own address: emulators and private links have no name per bucket. */
  hasOwnAddress(service: string): boolean {
    return this.endpoints[service] !== undefined || Boolean(process.env['AWS_ENDPOINT_URL']);
  }

  async #assumed(): Promise<Credentials> {
    const current = await this.#credentials?.catch(() => undefined);
    if (current && (current.expiration === undefined || current.expiration.getTime() - Date.now() > renewBefore)) return current;
    return (this.#credentials = this.#assume());
  }

  async #assume(): Promise<Credentials> {
    if (this.role === undefined) throw new Error('there is no role to assume');
    const { fromTemporaryCredentials } = await import('@aws-sdk/credential-providers');
    const endpoint = this.endpoints['sts'];
    return fromTemporaryCredentials({
      params: { RoleArn: this.role.roleArn, RoleSessionName: 'clusterwright', ...(this.role.externalId === undefined ? {} : { ExternalId: this.role.externalId }) },
      clientConfig: { region: this.region, ...(endpoint === undefined ? {} : { endpoint }) },
    })();
  }
}

/** Calls AWS through a client. What it throws is put in our words by `awsError`. */
export async function calling<Client, T>(client: Client, doing: string, call: (client: Client) => Promise<T>): Promise<T> {
  try {
    return await call(client);
  } catch (error) {
    throw awsError(error, doing);
  }
}

/** An SDK error in our words: what the account may not do, or what is too much at once. Anything else stays as it is. */
export function awsError(error: unknown, doing: string): unknown {
  if (!(error instanceof Error) || isClusterwrightError(error)) return error;
  if (/Throttl|TooManyRequests|SlowDown|RequestLimitExceeded/.test(error.name)) {
    return new ClusterwrightError('cloud-throttled', `AWS is throttling: ${doing}.`, { cause: error });
  }
  if (/AccessDenied|ExpiredToken|InvalidClientTokenId|UnrecognizedClient|SignatureDoesNotMatch|CredentialsProviderError|AuthFailure|Forbidden/.test(error.name)) {
    return new ClusterwrightError('cloud-credentials', `AWS refused: ${doing} (${error.name}).`, { cause: error });
  }
  return error;
}
