import { randomBytes, randomUUID } from 'node:crypto';
import { accountId, type Cloud } from '../cloud.js';
import { AwsError } from '../errors.js';
import { iamId } from '../ids.js';
import { roleExists } from '../provider.js';
import type { RoleSessions } from './role-sessions.js';
import { assumeRoleWithWebIdentity } from './web-identity.js';
import { element } from './wire.js';

/** The token service. What is signed with credentials that a web identity got is checked; of those that the service itself takes only the presence is. */
export function sts(action: string, form: URLSearchParams, { cloud, sessions }: { cloud: Cloud; sessions: RoleSessions }): string | Promise<string> {
  switch (action) {
    case 'GetCallerIdentity':
      return result(action, element('Arn', `arn:aws:iam::${accountId}:user/sandbox`) + element('UserId', 'AIDASANDBOX0000000000') + element('Account', accountId));
    case 'AssumeRoleWithWebIdentity':
      return assumeRoleWithWebIdentity(cloud, sessions, form).then(({ session, subject, audience, provider }) => result(action, [
        element('SubjectFromWebIdentityToken', subject), element('Audience', audience), element('Provider', provider),
        element('AssumedRoleUser', element('AssumedRoleId', `${iamId('AROA')}:${session.arn.split('/').at(-1) ?? ''}`) + element('Arn', session.arn), 'elements'),
        element('Credentials', element('AccessKeyId', session.accessKeyId) + element('SecretAccessKey', session.secretAccessKey) + element('SessionToken', session.token) + element('Expiration', new Date(session.until).toISOString()), 'elements'),
      ].join('')));
    case 'AssumeRole': {
      const roleArn = form.get('RoleArn') ?? '';
      const session = form.get('RoleSessionName') ?? '';
      if (!/^[\w+=,.@-]{2,64}$/.test(session)) throw new AwsError('ValidationError', `1 validation error detected: Value '${session}' at 'roleSessionName' failed to satisfy constraint: Member must have length greater than or equal to 2`);
      if (!roleExists(cloud, roleArn)) throw new AwsError('AccessDenied', `User: arn:aws:iam::${accountId}:user/sandbox is not authorized to perform: sts:AssumeRole on resource: ${roleArn}`, 403);
      return result(action, element('AssumedRoleUser', assumedRole(roleArn, session), 'elements') + element('Credentials', credentials(Number(form.get('DurationSeconds') ?? 3600)), 'elements'));
    }
    default:
      throw new AwsError('InvalidAction', `the sandbox does not imitate sts:${action}`);
  }
}

function assumedRole(roleArn: string, session: string): string {
  const name = roleArn.split('/').at(-1) ?? '';
  return element('AssumedRoleId', `${iamId('AROA')}:${session}`) + element('Arn', `arn:aws:sts::${accountId}:assumed-role/${name}/${session}`);
}

/** Expiry is told in the machine's time: clients compare it with their own clock, which knows nothing of the sandbox's. */
function credentials(seconds: number): string {
  return (
    element('AccessKeyId', iamId('ASIA').slice(0, 20)) +
    element('SecretAccessKey', randomBytes(30).toString('base64')) +
    element('SessionToken', randomBytes(60).toString('base64')) +
    element('Expiration', new Date(Date.now() + seconds * 1000).toISOString())
  );
}

function result(action: string, content: string): string {
  const body = element(`${action}Result`, content, 'elements') + element('ResponseMetadata', element('RequestId', randomUUID()), 'elements');
  return `<${action}Response xmlns="https://sts.amazonaws.com/doc/2011-06-15/">${body}</${action}Response>`;
}
