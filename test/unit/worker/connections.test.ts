import { EC2Client } from '@aws-sdk/client-ec2';
import { describe, expect, it } from 'vitest';
import { AwsConnection } from '../../../worker/cloud/aws/connection.js';
import { AzureConnection } from '../../../worker/cloud/azure/connection.js';
import { azureSandboxAccount, sandboxAccount } from '../../support/infrastructure-input.js';

describe('connections to a cloud', () => {
  it('are shared by all that is done in an account and region, with their clients', () => {
    const connection = AwsConnection.of('eu-west-1', sandboxAccount);
    expect(AwsConnection.of('eu-west-1', sandboxAccount)).toBe(connection);
    expect(AwsConnection.of('eu-central-1', sandboxAccount)).not.toBe(connection);
    expect(AwsConnection.of('eu-west-1', { ...sandboxAccount })).not.toBe(connection);
    expect(connection.client('ec2', EC2Client)).toBe(connection.client('ec2', EC2Client));
    expect(connection.client('ec2', EC2Client, { maxAttempts: 1 })).not.toBe(connection.client('ec2', EC2Client));
    expect(AzureConnection.of(azureSandboxAccount)).toBe(AzureConnection.of(azureSandboxAccount));
    expect(AzureConnection.of({ ...azureSandboxAccount })).not.toBe(AzureConnection.of(azureSandboxAccount));
  });

  it('have clients of the region and service that is asked for', async () => {
    const connection = new AwsConnection('eu-west-1', undefined, { ec2: 'http://127.0.0.1:9' });
    const { region, endpoint } = connection.client('ec2', EC2Client, { region: 'us-east-1' }).config;
    expect(await region()).toBe('us-east-1');
    expect(await endpoint?.()).toMatchObject({ hostname: '127.0.0.1', port: 9 });
    expect(await connection.client('ec2', EC2Client, { maxAttempts: 2 }).config.maxAttempts()).toBe(2);
  });
});
