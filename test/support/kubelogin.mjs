#!/usr/bin/env node
/**
 * Stands in for kubelogin (Azure/kubelogin) as a kubeconfig's exec plugin: takes the arguments that kubelogin takes, refuses what it refuses, and answers with an
 * ExecCredential. Nobody signs in: the token comes from the sandbox's control endpoint, for the user that the environment names.
 */
import { parseArgs } from 'node:util';

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: { environment: { type: 'string' }, 'server-id': { type: 'string' }, 'client-id': { type: 'string' }, 'tenant-id': { type: 'string' } },
});
const { 'server-id': audience, 'client-id': client, 'tenant-id': tenant, environment } = values;
const { ENTRA_CONTROL: control, ENTRA_USER: user, KUBERNETES_EXEC_INFO: info } = process.env;
if (positionals.join() !== 'get-token') throw new Error(`kubelogin has no command ${positionals.join(' ')}`);
if (audience === undefined) throw new Error('server-id is required');
if (client === undefined) throw new Error('client-id is required');
if (tenant === undefined) throw new Error('tenant-id is required');
if (environment !== 'AzurePublicCloud') throw new Error(`there is no environment ${environment}`);
const { apiVersion } = JSON.parse(info ?? '{}');
if (apiVersion !== 'client.authentication.k8s.io/v1') throw new Error(`KUBERNETES_EXEC_INFO asks for ${apiVersion}`);
const answer = await fetch(`${control}/entra/tokens`, { method: 'POST', body: JSON.stringify({ tenant, audience, user }) });
if (!answer.ok) throw new Error(await answer.text());
const { token } = /** @type {{ token: string }} */ (await answer.json());
const { exp } = /** @type {{ exp: number }} */ (JSON.parse(Buffer.from(token.split('.')[1] ?? '', 'base64url').toString()));
console.log(JSON.stringify({ kind: 'ExecCredential', apiVersion, spec: { interactive: false }, status: { expirationTimestamp: new Date(exp * 1000).toISOString(), token } }));
