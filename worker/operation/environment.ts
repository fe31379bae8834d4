import path from 'node:path';
import { packageRoot } from '../package-root.js';
import type { Engine } from '../engine/binary.js';

/** Variables that an operation gets as the service has them, by name. */
const passedByName = new Set([
  'HOME', 'LANG', 'LC_ALL', 'TMPDIR', 'TZ', 'USER', 'GOGC',
  'HTTP_PROXY', 'HTTPS_PROXY', 'NO_PROXY', 'http_proxy', 'https_proxy', 'no_proxy', 'SSL_CERT_FILE', 'SSL_CERT_DIR', 'NODE_EXTRA_CA_CERTS',
  // The backend and its login.
  'PULUMI_ACCESS_TOKEN', 'PULUMI_HOME', 'PULUMI_DIY_BACKEND_GZIP', 'PULUMI_DIY_BACKEND_RETAIN_CHECKPOINTS', 'PULUMI_DIY_BACKEND_DISABLE_CHECKPOINT_BACKUPS',
  // Providers that are attached to rather than started, and where they and the engine's plugins come from.
  'PULUMI_DEBUG_PROVIDERS', 'PULUMI_PLUGIN_DOWNLOAD_URL_OVERRIDES', 'PULUMI_DISABLE_AUTOMATIC_PLUGIN_ACQUISITION',
  // The identity of a container app on Azure.
  'IDENTITY_ENDPOINT', 'IDENTITY_HEADER',
  'GOOGLE_APPLICATION_CREDENTIALS', 'GOOGLE_CREDENTIALS',
]);

/** The service's own identity on its clouds: it opens the backend, and from it the accounts' roles are assumed. */
const passedByPrefix = ['AWS_', 'AZURE_', 'ARM_'];

/** What the operation's environment is made of. */
export interface EnvironmentOptions {
  readonly engine: Engine;
  readonly backendUrl: string;
  readonly secretsProvider: string;
  readonly passphraseFile: string;
}

/**
 * The environment of an operation: an allow-list. Its processes, programs and plugins see the service's own identity and nothing else
 * that the service knows, such as the address of Redis. The passphrase comes as the path of its file.
 */
export function operationEnvironment(service: NodeJS.ProcessEnv, options: EnvironmentOptions): Record<string, string> {
  const passed = Object.entries(service).filter((entry): entry is [string, string] => {
    const [name, value] = entry;
    return value !== undefined && (passedByName.has(name) || passedByPrefix.some((prefix) => name.startsWith(prefix)));
  });
  const tools = path.join(packageRoot(), 'tools', 'bin');
  return {
    // The engine (a Go program) collects garbage twice as often: some 20 MB less per operation, for some of its time. Who has the memory sets another value.
    GOGC: '50',
    ...Object.fromEntries(passed),
    PATH: [tools, path.dirname(options.engine.command), service['PATH'] ?? '/usr/local/bin:/usr/bin:/bin'].join(path.delimiter),
    PULUMI_BACKEND_URL: engineUrl(options.backendUrl),
    ...(options.secretsProvider === 'passphrase' ? { PULUMI_CONFIG_PASSPHRASE_FILE: options.passphraseFile } : {}),
    PULUMI_SKIP_UPDATE_CHECK: 'true',
    // With a stack whose settings file is new, the state says how its secrets are encrypted: a wrong passphrase then fails before anything is done.
    PULUMI_FALLBACK_TO_STATE_SECRETS_MANAGER: 'true',
    // Where all providers are attached to, looking for plugins to download costs two and a half seconds a call without a network.
    ...(service['PULUMI_DEBUG_PROVIDERS'] ? { PULUMI_DISABLE_AUTOMATIC_PLUGIN_ACQUISITION: 'true' } : {}),
  };
}

/**
 * A backend's URL for the engine. On a `file://` backend it would write the media type of each file into a sidecar `FILE.attrs`, and not in one step as the
 * files themselves: killed in between, it leaves an empty sidecar and can read the state no more ("failed to load checkpoint: EOF"). `metadata=skip` is
 * gocloud.dev/blob/fileblob's way to do without.
 */
export function engineUrl(backendUrl: string): string {
  if (!backendUrl.startsWith('file://') || backendUrl.includes('metadata=')) return backendUrl;
  return `${backendUrl}${backendUrl.includes('?') ? '&' : '?'}metadata=skip`;
}
