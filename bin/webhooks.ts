import { readFile } from 'node:fs/promises';
import { ClusterwrightError } from '../model/errors.js';
import { checkDocument } from '../model/faults.js';
import type { WebhookSettings } from '../model/settings.js';
import { webhookFaults, webhooksSchema, type Webhook } from '../model/webhooks.js';
import { readYaml } from './yaml-file.js';

/** The service's own webhooks, and the secrets that all webhooks are signed with. */
export interface SigningWebhooks {
  readonly webhooks: readonly Webhook[];
  /** The first is the current one; empty where this process has none. */
  readonly secrets: readonly string[];
}

/** Shorter secrets could be guessed. */
const shortestSecret = 16;

/**
 * Reads the list of the service's webhooks and the signing secret. Throws `settings-invalid` with every fault of the list, and where a list or a place for
 * the secret is named and there is no secret.
 */
export async function loadWebhooks(settings: WebhookSettings): Promise<SigningWebhooks> {
  const webhooks = settings.listFile === undefined ? [] : await listFrom(settings.listFile, settings);
  const secrets = await secretsFrom(settings.secretFile);
  if (secrets.length === 0 && (settings.secretFileGiven || webhooks.length > 0)) {
    throw new ClusterwrightError('settings-invalid', `CLUSTERWRIGHT_WEBHOOK_SECRET_FILE: there is no signing secret in ${settings.secretFile}.`, {
      hint: 'Put a random secret there and give it to the receivers; all workers need the same one.',
    });
  }
  return { webhooks, secrets };
}

async function listFrom(file: string, { allowed }: WebhookSettings): Promise<Webhook[]> {
  const document = await readYaml(file, 'settings-invalid', 'CLUSTERWRIGHT_WEBHOOKS:');
  const { data, faults = [] } = checkDocument(webhooksSchema, document);
  const all = data ? webhookFaults(data, allowed, '') : faults;
  if (data && all.length === 0) return data;
  throw new ClusterwrightError('settings-invalid', `CLUSTERWRIGHT_WEBHOOKS: ${file}: ${all.map((fault) => `${fault.pointer || '(document)'} ${fault.detail}`).join('; ')}.`, { resource: file, faults: all });
}

/** One secret a line: the second one is there while it is being replaced. */
async function secretsFrom(file: string): Promise<string[]> {
  const text = await readFile(file, 'utf8').catch((error: unknown) => {
    if (isMissing(error)) return '';
    throw new ClusterwrightError('settings-invalid', `CLUSTERWRIGHT_WEBHOOK_SECRET_FILE: ${file} cannot be read.`, { resource: file, cause: error });
  });
  const secrets = text.split('\n').map((line) => line.trim()).filter((line) => line !== '');
  if (secrets.some((secret) => secret.length < shortestSecret)) {
    throw new ClusterwrightError('settings-invalid', `CLUSTERWRIGHT_WEBHOOK_SECRET_FILE: a secret in ${file} has less than ${shortestSecret} characters.`, { resource: file });
  }
  return secrets;
}

function isMissing(error: unknown): boolean {
  return error instanceof Error && 'code' in error && error.code === 'ENOENT';
}
