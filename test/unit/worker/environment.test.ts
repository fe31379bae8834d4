import { describe, expect, it } from 'vitest';
import { operationEnvironment } from '../../../worker/operation/environment.js';

const options = { engine: { command: '/opt/engine/bin/pulumi', version: '3.230.0' }, backendUrl: 'file:///state', secretsProvider: 'passphrase', passphraseFile: '/home/passphrase' };

describe('an operation\'s environment', () => {
  it('holds the service\'s identity, the backend and nothing else that the service knows', () => {
    const environment = operationEnvironment({
      PATH: '/usr/bin', HOME: '/root', AWS_ACCESS_KEY_ID: 'id', AWS_ENDPOINT_URL: 'http://127.0.0.1:1', AZURE_CLIENT_ID: 'id', IDENTITY_ENDPOINT: 'http://127.0.0.1:2', HTTPS_PROXY: 'http://proxy',
      REDIS_URL: 'redis://:secret@redis', CLUSTERWRIGHT_HOME: '/home', NODE_OPTIONS: '--inspect', PULUMI_CONFIG_PASSPHRASE: 'secret', SOMETHING_ELSE: 'x', DATABASE_PASSWORD: 'secret',
    }, options);
    expect(Object.keys(environment).sort()).toEqual([
      'AWS_ACCESS_KEY_ID', 'AWS_ENDPOINT_URL', 'AZURE_CLIENT_ID', 'GOGC', 'HOME', 'HTTPS_PROXY', 'IDENTITY_ENDPOINT', 'PATH', 'PULUMI_BACKEND_URL', 'PULUMI_CONFIG_PASSPHRASE_FILE', 'PULUMI_FALLBACK_TO_STATE_SECRETS_MANAGER', 'PULUMI_SKIP_UPDATE_CHECK',
    ]);
    expect(JSON.stringify(environment)).not.toContain('secret@');
  });

  it('has our tools and the engine first on PATH', () => {
    const [first, second, ...rest] = operationEnvironment({ PATH: '/usr/bin:/bin' }, options)['PATH']?.split(':') ?? [];
    expect(first).toMatch(/\/tools\/bin$/);
    expect(second).toBe('/opt/engine/bin');
    expect(rest).toEqual(['/usr/bin', '/bin']);
  });

  it('has the engine write no sidecars to a folder: one that a killed engine has left empty would hide the state', () => {
    const url = (backendUrl: string) => operationEnvironment({}, { ...options, backendUrl })['PULUMI_BACKEND_URL'];
    expect(url('file:///state')).toBe('file:///state?metadata=skip');
    expect(url('file:///state?no_tmp_dir=false')).toBe('file:///state?no_tmp_dir=false&metadata=skip');
    expect(url('s3://states?region=eu-west-1')).toBe('s3://states?region=eu-west-1');
  });

  it('gives no passphrase where a cloud\'s key encrypts', () => {
    expect(operationEnvironment({}, { ...options, secretsProvider: 'awskms://alias/x' })).not.toHaveProperty('PULUMI_CONFIG_PASSPHRASE_FILE');
  });

  it('does not look for plugins where providers are attached to', () => {
    expect(operationEnvironment({ PULUMI_DEBUG_PROVIDERS: 'aws:1' }, options)).toMatchObject({ PULUMI_DEBUG_PROVIDERS: 'aws:1', PULUMI_DISABLE_AUTOMATIC_PLUGIN_ACQUISITION: 'true' });
  });
});
