import { parseArgs } from 'node:util';
import { provisionerClient } from './cloud/aws/credential.js';

// The exec plugin of the provisioner's kubeconfig: `clusterwright-credential aws --region R --parameter NAME [--role-arn ARN [--external-id X]]`
// prints the current client certificate as an ExecCredential. It is read anew each time it ends, so nothing short-lived stands in the kubeconfig.

const { positionals, values } = parseArgs({
  allowPositionals: true,
  options: { region: { type: 'string' }, parameter: { type: 'string' }, 'role-arn': { type: 'string' }, 'external-id': { type: 'string' } },
});
const { region, parameter } = values;
const roleArn = values['role-arn'];
try {
  if (positionals[0] !== 'aws' || region === undefined || parameter === undefined) throw new Error('usage: clusterwright-credential aws --region REGION --parameter NAME [--role-arn ARN] [--external-id ID]');
  const { certificate, key, notAfter } = await provisionerClient(region, parameter, roleArn === undefined ? undefined : { roleArn, externalId: values['external-id'] });
  process.stdout.write(`${JSON.stringify({
    apiVersion: 'client.authentication.k8s.io/v1',
    kind: 'ExecCredential',
    status: { clientCertificateData: certificate, clientKeyData: key, expirationTimestamp: notAfter },
  })}\n`);
} catch (error) {
  process.stderr.write(`clusterwright-credential: ${error instanceof Error ? error.message : String(error)}\n`);
  process.exitCode = 1;
}
