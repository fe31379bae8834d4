import path from 'node:path';
import { z } from 'zod';
import { ClusterwrightError } from './errors.js';
import { checkDocument } from './faults.js';
import { redisUrlSchema } from './redis-url.js';
import { httpSettings, httpShape, type HttpSettings } from './http-settings.js';
import { allowedTargetsSchema, publicTargetsOnly, type AllowedTargets } from './webhook-targets.js';

const integer = (low: number, high: number) => z.string().regex(/^[0-9]+$/, 'must be a whole number').transform(Number).pipe(z.int().min(low).max(high));

const decimal = (example: string) => z.string().regex(/^[0-9]+(\.[0-9]+)?$/, `must be a number such as ${example}`).transform(Number);

const environmentSchema = z.object({
  HOST: z.string().min(1).default('127.0.0.1'),
  PORT: integer(0, 65535).default(8080),
  REDIS_URL: redisUrlSchema.optional(),
  CLUSTERWRIGHT_HOME: z.string().min(1).default('.clusterwright'),
  CLUSTERWRIGHT_CLOUD: z.enum(['sandbox', 'live']).optional(),
  CLUSTERWRIGHT_SANDBOX_NODES: z.enum(['simulated', 'real']).default('simulated'),
  CLUSTERWRIGHT_SANDBOX_LATENCY: decimal('0.1').default(0.1),
  CLUSTERWRIGHT_ACCOUNTS: z.string().min(1).optional(),
  ...httpShape,
  CLUSTERWRIGHT_CONCURRENCY: integer(1, 64).default(4),
  CLUSTERWRIGHT_CANCEL_GRACE_SECONDS: integer(0, 86_400).default(900),
  CLUSTERWRIGHT_SHUTDOWN_SECONDS: integer(0, 86_400).default(20),
  CLUSTERWRIGHT_STALL_MINUTES: decimal('20').pipe(z.number().positive().max(1440)).default(20),
  CLUSTERWRIGHT_DRAIN_MINUTES: decimal('10').pipe(z.number().positive().max(1440)).default(10),
  CLUSTERWRIGHT_OPERATION_MEMORY_MIB: integer(64, 1_048_576).default(3072),
  CLUSTERWRIGHT_REDIS_DURABLE: z.enum(['asserted']).optional(),
  CLUSTERWRIGHT_SHARED_BACKEND: z.enum(['asserted']).optional(),
  CLUSTERWRIGHT_LOG_LEVEL: z.enum(['trace', 'debug', 'info', 'warn', 'error']).default('info'),
  CLUSTERWRIGHT_WEBHOOKS: z.string().min(1).optional(),
  CLUSTERWRIGHT_WEBHOOK_SECRET_FILE: z.string().min(1).optional(),
  CLUSTERWRIGHT_WEBHOOK_ALLOW: allowedTargetsSchema.optional(),
  PULUMI_BACKEND_URL: z.string().regex(/^(file|s3|azblob|gs|https):\/\//, 'must be a file, s3, azblob, gs or https URL').optional(),
  PULUMI_SECRETS_PROVIDER: z.string().regex(/^(passphrase$|awskms:\/\/|azurekeyvault:\/\/|gcpkms:\/\/|hashivault:\/\/)/, 'must be "passphrase" or the URL of a key').default('passphrase'),
});

/** What the environment says, with its defaults: the only place that knows the variables' names. */
export interface Settings {
  readonly host: string;
  readonly port: number;
  readonly http: HttpSettings;
  /** Undefined: an embedded Redis. */
  readonly redisUrl: string | undefined;
  /** Absolute path of the home. */
  readonly home: string;
  readonly cloud: 'sandbox' | 'live';
  /** Whether emulated machines are acted or run on this machine. */
  readonly sandboxNodes: 'simulated' | 'real';
  readonly sandboxLatency: number;
  readonly accountsFile: string;
  readonly concurrency: number;
  /** How long a cancelled operation has to end in order before `force` kills it. */
  readonly cancelGraceSeconds: number;
  /** How long a worker that is told to stop lets its operations run on before it interrupts them. */
  readonly shutdownSeconds: number;
  /** How long an operation of the engine may say nothing. */
  readonly stallMinutes: number;
  /** How long a node's pods may keep it from being drained before its machine is ended. */
  readonly drainMinutes: number;
  /** Memory that the processes of one operation may have together. */
  readonly operationMemoryMiB: number;
  /** The operator answers for the persistence of a Redis that hides its settings. */
  readonly redisDurabilityAsserted: boolean;
  /** The operator answers for a `file://` backend that separate processes share. */
  readonly sharedBackendAsserted: boolean;
  readonly logLevel: 'trace' | 'debug' | 'info' | 'warn' | 'error';
  readonly backendUrl: string;
  readonly secretsProvider: string;
  /** Where the passphrase stands, for the secrets provider `passphrase`. */
  readonly passphraseFile: string;
  readonly webhooks: WebhookSettings;
}

/** Settings of webhooks. */
export interface WebhookSettings {
  /** The file with the service's own webhooks, if there is one. */
  readonly listFile: string | undefined;
  /** Where the signing secret stands. */
  readonly secretFile: string;
  /** Whether that place was named; otherwise it is the home's, and `npm start` makes the secret. */
  readonly secretFileGiven: boolean;
  /** Targets that are allowed beside public ones. */
  readonly allowed: AllowedTargets;
}

const loopback = /^(127\.\d+\.\d+\.\d+|localhost|::1)$/;

/** Reads the settings out of an environment. Throws `settings-invalid` with every fault at once. */
export function readSettings(environment: NodeJS.ProcessEnv, workingDirectory: string): Settings {
  const given = Object.fromEntries(Object.entries(environment).filter(([, value]) => value !== undefined && value !== ''));
  const checked = checkDocument(environmentSchema, given);
  if (checked.faults) {
    throw new ClusterwrightError('settings-invalid', checked.faults.map((fault) => `${fault.pointer.slice(1)} ${fault.detail}`).join('; ') + '.');
  }
  const values = checked.data;
  const home = path.resolve(workingDirectory, values.CLUSTERWRIGHT_HOME);
  const { settings: http, faults } = httpSettings(values, home, workingDirectory);
  const all = [...faults, ...(loopback.test(values.HOST) ? [] : missingForOthers(values.HOST, values.CLUSTERWRIGHT_CLOUD, http))];
  if (all.length > 0) throw new ClusterwrightError('settings-invalid', `${all.join('; ')}.`);
  return {
    host: values.HOST,
    port: values.PORT,
    http,
    redisUrl: values.REDIS_URL,
    home,
    cloud: values.CLUSTERWRIGHT_CLOUD ?? 'sandbox',
    sandboxNodes: values.CLUSTERWRIGHT_SANDBOX_NODES,
    sandboxLatency: values.CLUSTERWRIGHT_SANDBOX_LATENCY,
    accountsFile: values.CLUSTERWRIGHT_ACCOUNTS ? path.resolve(workingDirectory, values.CLUSTERWRIGHT_ACCOUNTS) : path.join(home, 'accounts.yaml'),
    concurrency: values.CLUSTERWRIGHT_CONCURRENCY,
    cancelGraceSeconds: values.CLUSTERWRIGHT_CANCEL_GRACE_SECONDS,
    shutdownSeconds: values.CLUSTERWRIGHT_SHUTDOWN_SECONDS,
    stallMinutes: values.CLUSTERWRIGHT_STALL_MINUTES,
    drainMinutes: values.CLUSTERWRIGHT_DRAIN_MINUTES,
    operationMemoryMiB: values.CLUSTERWRIGHT_OPERATION_MEMORY_MIB,
    redisDurabilityAsserted: values.CLUSTERWRIGHT_REDIS_DURABLE === 'asserted',
    sharedBackendAsserted: values.CLUSTERWRIGHT_SHARED_BACKEND === 'asserted',
    logLevel: values.CLUSTERWRIGHT_LOG_LEVEL,
    backendUrl: values.PULUMI_BACKEND_URL ?? `file://${path.join(home, 'state')}`,
    secretsProvider: values.PULUMI_SECRETS_PROVIDER,
    passphraseFile: path.join(home, 'passphrase'),
    webhooks: {
      listFile: values.CLUSTERWRIGHT_WEBHOOKS && path.resolve(workingDirectory, values.CLUSTERWRIGHT_WEBHOOKS),
      secretFile: path.resolve(workingDirectory, values.CLUSTERWRIGHT_WEBHOOK_SECRET_FILE ?? path.join(home, 'webhook-secret')),
      secretFileGiven: values.CLUSTERWRIGHT_WEBHOOK_SECRET_FILE !== undefined,
      allowed: values.CLUSTERWRIGHT_WEBHOOK_ALLOW ?? publicTargetsOnly,
    },
  };
}

/** What an API that others than this machine reach must say in so many words. */
function missingForOthers(host: string, cloud: string | undefined, { entra, tls, trustedProxies }: HttpSettings): string[] {
  const why = `HOST ${host} is not a loopback address`;
  return [
    ...(entra === undefined ? [`${why}: CLUSTERWRIGHT_AUTH must be entra, for an API that anybody can call stays on loopback`] : []),
    ...(cloud === undefined ? [`${why}: CLUSTERWRIGHT_CLOUD must say whether clusters are live or the sandbox's`] : []),
    ...(tls === undefined && trustedProxies.length === 0 ? [`${why}: tokens need TLS: set CLUSTERWRIGHT_TLS_CERTIFICATE and CLUSTERWRIGHT_TLS_KEY, or CLUSTERWRIGHT_TRUST_PROXY to the addresses of what ends TLS in front`] : []),
  ];
}
