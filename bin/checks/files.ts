import { X509Certificate } from 'node:crypto';
import { access, constants, readFile, stat } from 'node:fs/promises';
import path from 'node:path';
import { createSecureContext } from 'node:tls';
import type { Settings } from '../../model/settings.js';
import { loadWebhooks } from '../webhooks.js';
import { look, missing, ok, warn, type Finding } from './finding.js';

/** A certificate that ends within this time should have been renewed, in milliseconds. */
const renewWithin = 14 * 24 * 3_600_000;

/** The home: whether it can be written, and whether its secrets are nobody else's to read. */
export async function homeFindings({ home, secretsProvider, passphraseFile }: Pick<Settings, 'home' | 'secretsProvider' | 'passphraseFile'>): Promise<readonly Finding[]> {
  return look('home', async () => {
    // Where there is none yet, the start makes it: what has to be written then is the folder above.
    const there = await exists(home);
    const place = there ? home : path.dirname(home);
    if (!(await access(place, constants.W_OK).then(() => true, () => false))) return missing('home', `${place} cannot be written by this user: give it the folder, or set CLUSTERWRIGHT_HOME to another one.`);
    const open = await readableByOthers(passphraseFile);
    if (secretsProvider === 'passphrase' && open) return missing('home', `${passphraseFile} can be read by every user of this machine: run "chmod 600" on it.`);
    return ok('home', there ? `${home} can be written.` : `${home} is made with the first start.`);
  });
}

/** Certificate and key of the API: readable, a pair, and valid for some time to come. */
export async function tlsFindings(tls: Settings['http']['tls'], now = Date.now()): Promise<readonly Finding[]> {
  if (tls === undefined) return [];
  const { certificateFile, keyFile } = tls;
  return look('TLS', async () => {
    const files = await Promise.all([certificateFile, keyFile].map((file) => readFile(file).catch(() => undefined)));
    const absent = [certificateFile, keyFile].filter((_, index) => files[index] === undefined);
    if (absent.length > 0) return missing('TLS', `${absent.join(' and ')} cannot be read: put the certificate there, or correct CLUSTERWRIGHT_TLS_CERTIFICATE and CLUSTERWRIGHT_TLS_KEY.`);
    const [cert = Buffer.alloc(0), key = Buffer.alloc(0)] = files;
    try {
      createSecureContext({ cert, key });
    } catch {
      return missing('TLS', `${certificateFile} and ${keyFile} are not a certificate and its key in PEM: give those that belong together.`);
    }
    const { validFrom, validTo, subjectAltName = 'no name' } = new X509Certificate(cert);
    if (Date.parse(validFrom) > now) return missing('TLS', `${certificateFile} is valid from ${validFrom} only: compare this machine's clock.`);
    if (Date.parse(validTo) < now) return missing('TLS', `${certificateFile} ended on ${validTo}: renew it.`);
    if (Date.parse(validTo) < now + renewWithin) return warn('TLS', `${certificateFile} ends on ${validTo}: renew it; it is read again without a restart.`);
    if (await readableByOthers(keyFile)) return warn('TLS', `${keyFile} can be read by every user of this machine: run "chmod 600" on it.`);
    return ok('TLS', `The certificate is for ${subjectAltName}, until ${validTo}.`);
  });
}

/** The list of webhooks and the secret that they are signed with. */
export async function webhookFindings(settings: Settings['webhooks'], made: boolean): Promise<readonly Finding[]> {
  return look('webhooks', async () => {
    const { webhooks, secrets } = await loadWebhooks(made ? { ...settings, listFile: undefined } : settings);
    if (secrets.length > 0) return ok('webhooks', `There is a signing secret, and ${webhooks.length} of the service's own.`);
    return made ? ok('webhooks', 'The signing secret is made with the first start.')
      : warn('webhooks', `There is no signing secret in ${settings.secretFile}: deliveries wait until there is one, the same on all workers.`);
  });
}

async function exists(file: string): Promise<boolean> {
  return access(file).then(() => true, () => false);
}

async function readableByOthers(file: string): Promise<boolean> {
  return stat(file).then(({ mode }) => (mode & 0o007) !== 0, () => false);
}
