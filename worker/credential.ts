import { parseArgs } from 'node:util';
import type { ProvisionerClient } from '../model/rendezvous.js';

// The exec plugin of the provisioner's kubeconfig. It prints the current client certificate as an ExecCredential:
//   clusterwright-credential aws --region REGION --parameter NAME [--role-arn ARN [--external-id ID]]
//   clusterwright-credential azure --vault URL --secret NAME --tenant-id ID [--client-id ID]
// The certificate is read anew each time it ends, so nothing short-lived stands in the kubeconfig. Only the cloud that is asked for is loaded.

const { positionals: [provider], values } = parseArgs({
  allowPositionals: true,
  options: {
    region: { type: 'string' }, parameter: { type: 'string' }, 'role-arn': { type: 'string' }, 'external-id': { type: 'string' },
    vault: { type: 'string' }, secret: { type: 'string' }, 'tenant-id': { type: 'string' }, 'client-id': { type: 'string' },
  },
});

async function currentClient(): Promise<ProvisionerClient> {
  switch (provider) {
    case 'aws': {
      const { provisionerClient } = await import('./cloud/aws/credential.js');
      const { 'role-arn': roleArn, 'external-id': externalId } = values;
      return provisionerClient(required('region'), required('parameter'), roleArn === undefined ? undefined : { roleArn, externalId });
    }
    case 'azure': {
      const { provisionerClient } = await import('./cloud/azure/credential.js');
      return provisionerClient(required('vault'), required('secret'), { tenantId: required('tenant-id'), clientId: values['client-id'] });
    }
    default:
      throw new Error(`"${provider ?? ''}" is not available; the first argument can be: aws, azure`);
  }
}

function required(name: keyof typeof values): string {
  const value = values[name];
  if (value === undefined) throw new Error(`--${name} is missing`);
  return value;
}

try {
  const { certificate, key, notAfter } = await currentClient();
  process.stdout.write(`${JSON.stringify({
    apiVersion: 'client.authentication.k8s.io/v1',
    kind: 'ExecCredential',
    status: { clientCertificateData: certificate, clientKeyData: key, expirationTimestamp: notAfter },
  })}\n`);
} catch (error) {
  process.stderr.write(`clusterwright-credential: ${error instanceof Error ? error.message : String(error)}\n`);
  process.exitCode = 1;
}
