import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { expect, it } from 'vitest';
import { z } from 'zod';
import type { Ground } from './ground.js';
import { pod } from './pod.js';

/** A pod that waits, with a token of its service account for the cloud's token service. */
function withToken(account: string, audience: string): object {
  return pod(`as-${account}`, 'sleep 3600', {
    spec: { serviceAccountName: account, volumes: [{ name: 'token', projected: { sources: [{ serviceAccountToken: { audience, path: 'token' } }] } }] },
    container: { volumeMounts: [{ name: 'token', mountPath: '/token' }] },
  });
}

/** Makes pods in Velero's namespace, one with the service account that its chart has and one with none of its own, and gives what runs curl in them; the authority of the cloud's names is known to machines alone. */
async function podsOf({ cluster }: Ground, audience: string): Promise<(account: 'velero-server' | 'default', ...args: string[]) => Promise<string>> {
  await cluster.kubectl(['--namespace', 'velero', 'create', 'serviceaccount', 'velero-server']);
  const items = ['velero-server', 'default'].map((account) => withToken(account, audience));
  await cluster.kubectl(['--namespace', 'velero', 'apply', '--filename', '-'], JSON.stringify({ apiVersion: 'v1', kind: 'List', items }));
  await cluster.kubectl(['--namespace', 'velero', 'wait', '--for', 'condition=Ready', 'pod/as-velero-server', 'pod/as-default', '--timeout', '60s', '--request-timeout', '70s']);
  return (account, ...args) => cluster.kubectl(['--namespace', 'velero', 'exec', `as-${account}`, '--', 'curl', '--silent', '--insecure', '--max-time', '10', ...args]);
}

/** What pods get of the cloud on AWS: the role that their service account is trusted for. */
export function rolesOfPods(ground: Ground): void {
  it('gives a pod with an add-on\'s service account the role of that add-on, and no other pod any', async () => {
    const { items } = await ground.portal.inventory(ground.cluster.name);
    const role = (addon: string): string => `arn:aws:iam::123456789012:role/${items.find(({ type, id }) => type === 'aws:iam/role:Role' && id.endsWith(`-${addon}`))?.id ?? ''}`;
    const curl = await podsOf(ground, 'sts.amazonaws.com');
    const assume = (account: 'velero-server' | 'default', addon: string): Promise<string> => curl(account,
      '--data-urlencode', 'WebIdentityToken@/token/token', '--data', 'Action=AssumeRoleWithWebIdentity', '--data', 'Version=2011-06-15', '--data', `RoleSessionName=${account}`,
      '--data-urlencode', `RoleArn=${role(addon)}`, 'https://sts.eu-west-1.amazonaws.com/');

    expect(await assume('velero-server', 'velero')).toContain('<SecretAccessKey>');
    for (const answer of await Promise.all([assume('velero-server', 'loki'), assume('default', 'velero')])) expect(answer).toContain('AccessDenied');
  });
}

const announcementSchema = z.object({ endpoints: z.object({ 'azure-native': z.string() }), environment: z.object({ IDENTITY_ENDPOINT: z.string(), IDENTITY_HEADER: z.string() }) });
const tokenSchema = z.object({ access_token: z.string() });
const identitySchema = z.object({ properties: z.object({ clientId: z.string(), tenantId: z.string() }) });

/** Reads managed identities, as the service's own identity does: their client ids are the cloud's to give. */
async function identityReader({ service }: Ground): Promise<(id: string) => Promise<{ clientId: string; tenantId: string }>> {
  const { endpoints, environment } = announcementSchema.parse(JSON.parse(await readFile(path.join(service.home, 'sandbox.json'), 'utf8')));
  const given = await fetch(`${environment.IDENTITY_ENDPOINT}?api-version=2019-08-01&resource=https://management.azure.com/`, { headers: { 'x-identity-header': environment.IDENTITY_HEADER } });
  const { access_token: token } = tokenSchema.parse(await given.json());
  return async (id) => {
    const answer = await fetch(`${endpoints['azure-native']}/management${id}?api-version=2023-01-31`, { headers: { authorization: `Bearer ${token}` } });
    return identitySchema.parse(await answer.json()).properties;
  };
}

/** What pods get of the cloud on Azure: a token of the managed identity that has a federated credential for their service account. */
export function identitiesOfPods(ground: Ground): void {
  it('gives a pod with an add-on\'s service account the rights of that add-on\'s identity and no other, and another pod none', async () => {
    const { items } = await ground.portal.inventory(ground.cluster.name);
    const idOf = (type: string, end: string): string => items.find((item) => item.type === `azure-native:${type}` && item.id.endsWith(end))?.id ?? '';
    const nameOf = (type: string, end: string): string => idOf(type, end).split('/').at(-1) ?? '';
    const read = await identityReader(ground);
    const curl = await podsOf(ground, 'api://AzureADTokenExchange');
    const exchange = async (account: 'velero-server' | 'default', addon: string, resource: string): Promise<string> => {
      const { clientId, tenantId } = await read(idOf('managedidentity:UserAssignedIdentity', `-addon-${addon}`));
      return curl(account, '--data', 'grant_type=client_credentials', '--data', `client_id=${clientId}`, '--data-urlencode', 'client_assertion_type=urn:ietf:params:oauth:client-assertion-type:jwt-bearer',
        '--data-urlencode', 'client_assertion@/token/token', '--data-urlencode', `scope=${resource}/.default`, `https://login.microsoftonline.com/${tenantId}/oauth2/v2.0/token`);
    };
    const tokenFor = async (resource: string): Promise<string> => tokenSchema.parse(JSON.parse(await exchange('velero-server', 'velero', resource))).access_token;
    const statusOf = (token: string, url: string, ...args: string[]): Promise<string> => curl('velero-server', '--output', '/dev/null', '--write-out', '%{http_code}', '--header', `Authorization: Bearer ${token}`, '--header', 'x-ms-version: 2024-08-04', ...args, url);

    const [storage, vaults] = await Promise.all([tokenFor('https://storage.azure.com'), tokenFor('https://vault.azure.net')]);
    const container = `https://${nameOf('storage:StorageAccount', 'backups')}.blob.core.windows.net/cluster`;
    const put = (blob: string): Promise<string> => statusOf(storage, `${container}/${blob}`, '--request', 'PUT', '--header', 'x-ms-blob-type: BlockBlob', '--data', 'proof');
    expect(await Promise.all(['velero/proof', 'loki/proof', 'etcd/proof', 'proof'].map(put))).toEqual(['201', '403', '403', '403']);
    expect(await statusOf(storage, `${container}/velero/proof`)).toBe('200');
    expect(await statusOf(vaults, `https://${nameOf('keyvault:Vault', '-cp')}.vault.azure.net/secrets/none?api-version=7.4`)).toBe('403');

    const asked = [exchange('velero-server', 'loki', 'https://storage.azure.com'), exchange('default', 'velero', 'https://storage.azure.com')];
    for (const answer of await Promise.all(asked)) expect(answer).toContain('AADSTS700213');
    const metadata = ['--max-time', '3', '--header', 'Metadata: true', 'http://169.254.169.254/metadata/identity/oauth2/token?api-version=2018-02-01&resource=https://storage.azure.com'];
    // Nobody answers at all: curl's time is over.
    await Promise.all((['velero-server', 'default'] as const).map((account) => expect(curl(account, ...metadata)).rejects.toThrow('exit code 28')));
  });
}
