import { PutObjectCommand, S3Client } from '@aws-sdk/client-s3';
import { GetParameterCommand, SSMClient } from '@aws-sdk/client-ssm';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { region, World } from './world.js';

let world: World;
beforeAll(async () => { world = await World.open(); });
afterAll(() => world.close());

describe('the library on aws', () => {
  it('signs what the sandbox takes, and keeps conditions', async () => {
    await world.ground('lib');
    const node = await world.node('lib');

    const result = await node.library(`
      printf one > "$work/a"; printf two > "$work/b"; code=0
      object_put_if_absent rendezvous/x.json "$work/a"; first=$etag
      object_put_if_absent rendezvous/x.json "$work/b" || echo "absent $?"
      object_put_if_match rendezvous/x.json "$work/b" '"other"' || echo "match $?"
      object_put_if_match rendezvous/x.json "$work/b" "$first"; object_get rendezvous/x.json "$work/c"; cat "$work/c"; echo
      object_get rendezvous/none.json "$work/d" || echo "none $?"
      object_list rendezvous/
      printf 'a value\\n"quoted"' | secret_put control-plane/sa; secret_get control-plane/sa; echo
      printf k1 | secret_put_once control-plane/encryption-key; printf k2 | secret_put_once control-plane/encryption-key || echo "once $?"; secret_get control-plane/encryption-key; echo
      secret_get join/token || echo "secret $?"
    `);

    expect(result.stderr).toBe('');
    expect(result.stdout.split('\n')).toEqual(['absent 49', 'match 49', 'two', 'none 44', 'rendezvous/x.json', 'a value', '"quoted"', 'once 49', 'k1', 'secret 44', '']);
    expect(world.aws.parameters.get(region, '/clusterwright/lib/control-plane/sa')?.type).toBe('SecureString');
  });

  it('tries again what was throttled, failed or lost', async () => {
    await world.ground('faults');
    const node = await world.node('faults');
    world.sandbox.faults.add({ kind: 'throttle', type: 'ssm:PutParameter', times: 1 });
    world.sandbox.faults.add({ kind: 'lose-answer', type: 's3:PutObject', times: 1 });

    const { stdout } = await node.library(`
      printf v | secret_put join/token; secret_get join/token; echo
      claim_read initialiser; claim_write initialiser held || echo "lost $?"; claim_read initialiser; if [ "$holder" = "$token" ]; then echo mine; fi
    `);

    expect(stdout.split('\n')).toEqual(['v', 'lost 49', 'mine', '']);
  });

  it('shows no credentials in arguments of processes', async () => {
    await world.ground('argv');
    const node = await world.node('argv');

    const { stdout, stderr } = await node.library('set -x; printf planted-secret | secret_put join/token; secret_get join/token > "$work/v"; set +x; credentials | sed -n "s/^user = \\"[^:]*:\\(.*\\)\\"/\\1/p"');

    const commands = stderr.split('\n').filter((line) => /^\++ (curl|jq|sed|openssl|base64|sha256sum|find|mv|rm) /.test(line)).join('\n');
    expect(commands).toMatch(/curl --config -/);
    expect(commands).not.toContain('planted-secret');
    expect(stdout.trim()).toMatch(/^.{40}$/);
    expect(commands).not.toContain(stdout.trim());
  });
});

describe('the roles of nodes on aws', () => {
  it('let a worker read the set join and write its step, and nothing else', async () => {
    await world.ground('roles');
    const controlPlane = await world.node('roles');
    const worker = await world.node('roles', { role: 'worker', pool: 'general', index: null });
    await controlPlane.library('for name in control-plane/ca control-plane/encryption-key provisioner/client join/token; do printf s | secret_put "$name"; done; claim_read initialiser; claim_write initialiser held');

    const { stdout, stderr } = await worker.library(`
      secret_get join/token; echo; step booted
      for name in control-plane/ca control-plane/encryption-key control-plane/none provisioner/client; do secret_get "$name" || echo "$name $?"; done
      printf s | secret_put join/token || echo "put $?"
      object_get rendezvous/claims/initialiser.json "$work/x" || echo "claim $?"
      object_get "rendezvous/nodes/$node.json" "$work/x" || echo "own step $?"
      object_put_if_absent rendezvous/claims/other.json "$work/step" || echo "other $?"
      object_list rendezvous/ || echo "list $?"
    `);

    expect(stdout.split('\n')).toEqual(['s', 'control-plane/ca 1', 'control-plane/encryption-key 1', 'control-plane/none 1', 'provisioner/client 1', 'put 1', 'claim 1', 'own step 1', 'other 1', 'list 1', '']);
    expect(stderr.match(/is not authorized to perform: ssm:GetParameter on resource: arn:aws:ssm:eu-west-1:123456789012:parameter\/clusterwright\/roles\/control-plane\//g)).toHaveLength(3);
    expect(world.object('roles', `rendezvous/nodes/ip-${await addressOf(worker)}.eu-west-1.compute.internal.json`)).toMatchObject({ step: 'booted', role: 'worker' });
  });

  it('let a control plane read the archive that it fetches, a worker not, and nobody write it', async () => {
    await world.ground('archive');
    const controlPlane = await world.node('archive');
    const worker = await world.node('archive', { role: 'worker', pool: 'general', index: null });
    const key = controlPlane.facts.archive?.key ?? '';
    const line = `object_get ${key} "$work/x" || echo "get $?"; echo x > "$work/a"; for put in object_put object_put_if_absent; do "$put" ${key} "$work/a" || echo "$put $?"; "$put" nodes/other "$work/a" || echo "$put $?"; done; object_list nodes/ || echo "list $?"`;
    const refused = ['object_put 1', 'object_put 1', 'object_put_if_absent 1', 'object_put_if_absent 1', 'list 1', ''];

    expect((await controlPlane.library(line)).stdout.split('\n')).toEqual(refused);
    expect((await worker.library(line)).stdout.split('\n')).toEqual(['get 1', ...refused]);
    expect(world.aws.objects.versions('archive-backups', 'nodes/')).toHaveLength(1);
  });

  it('are checked by signature, session and time', async () => {
    await world.ground('forged');
    const node = await world.node('forged');
    const { stdout } = await node.library('credentials > /dev/null; cat "$work/credentials.json"');
    const { AccessKeyId, SecretAccessKey, Token } = JSON.parse(stdout) as { AccessKeyId: string; SecretAccessKey: string; Token: string };
    const read = (credentials: { accessKeyId: string; secretAccessKey: string; sessionToken: string }, systemClockOffset = 0) =>
      new SSMClient({ endpoint: world.aws.endpoint, region, maxAttempts: 1, credentials, systemClockOffset }).send(new GetParameterCommand({ Name: '/clusterwright/forged/join/token' }));

    await expect(read({ accessKeyId: AccessKeyId, secretAccessKey: SecretAccessKey, sessionToken: Token })).rejects.toMatchObject({ name: 'ParameterNotFound' });
    await expect(read({ accessKeyId: AccessKeyId, secretAccessKey: 'x'.repeat(40), sessionToken: Token })).rejects.toMatchObject({ name: 'SignatureDoesNotMatch' });
    await expect(read({ accessKeyId: AccessKeyId, secretAccessKey: SecretAccessKey, sessionToken: 'another' })).rejects.toMatchObject({ name: 'InvalidClientTokenId' });
    await expect(read({ accessKeyId: AccessKeyId, secretAccessKey: SecretAccessKey, sessionToken: Token }, -3_600_000)).rejects.toMatchObject({ name: 'RequestTimeTooSkewed' });
  });

  it('come from a metadata service that wants a token first', async () => {
    const node = await world.node('forged');
    const imds = /^imds=(.*)$/m.exec((await node.read('etc/clusterwright/image.d/endpoints')) ?? '')?.[1] ?? '';

    expect((await fetch(`${imds}/latest/meta-data/iam/security-credentials/`)).status).toBe(401);
    const token = await (await fetch(`${imds}/latest/api/token`, { method: 'PUT', headers: { 'x-aws-ec2-metadata-token-ttl-seconds': '60' } })).text();
    expect(await (await fetch(`${imds}/latest/meta-data/iam/security-credentials/`, { headers: { 'x-aws-ec2-metadata-token': token } })).text()).toBe('forged-control-plane-role');
  });
});

describe('conditional writes at the same moment', () => {
  it('have one winner; the others hear 409 or 412', async () => {
    await world.ground('race');
    const s3 = new S3Client({ endpoint: world.aws.endpoint, region, forcePathStyle: true, maxAttempts: 1, credentials: { accessKeyId: 'sandbox', secretAccessKey: 'sandbox' } });

    const outcomes = await Promise.all(Array.from({ length: 12 }, async (_, index) => {
      try {
        await s3.send(new PutObjectCommand({ Bucket: 'race-backups', Key: 'rendezvous/claims/initialiser.json', Body: String(index), IfNoneMatch: '*' }));
        return 200;
      } catch (error) {
        return (error as { $metadata: { httpStatusCode: number } }).$metadata.httpStatusCode;
      }
    }));

    expect(outcomes.filter((status) => status === 200)).toHaveLength(1);
    expect(outcomes.filter((status) => status !== 200).every((status) => status === 409 || status === 412)).toBe(true);
    expect(outcomes).toContain(409);
  });
});

async function addressOf(node: { library: (line: string) => Promise<{ stdout: string }> }): Promise<string> {
  return (await node.library('node_address')).stdout.replaceAll('.', '-');
}
