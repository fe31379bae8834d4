import { randomBytes, randomUUID } from 'node:crypto';
import { accountId, type Cloud } from '../cloud.js';
import { AwsError } from '../errors.js';
import { iamId } from '../ids.js';
import { roleExists } from '../provider.js';
import type { RoleSession, RoleSessions } from './role-sessions.js';
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
        assumedRole(session.arn), credentials(session),
      ].join('')));
    case 'AssumeRole': {
      const roleArn = form.get('RoleArn') ?? '';
      const session = form.get('RoleSessionName') ?? '';
      if (!/^[\w+=,.@-]{2,64}$/.test(session)) throw new AwsError('ValidationError', `1 validation error detected: Value '${session}' at 'roleSessionName' failed to satisfy constraint: Member must have length greater than or equal to 2`);
      if (!roleExists(cloud, roleArn)) throw new AwsError('AccessDenied', `User: arn:aws:iam::${accountId}:user/sandbox is not authorized to perform: sts:AssumeRole on resource: ${roleArn}`, 403);
      // Expiry is told in the machine's time: clients compare it with their own clock, which knows nothing of the sandbox's.
      const until = Date.now() + Number(form.get('DurationSeconds') ?? 3600) * 1000;
      return result(action, assumedRole(`arn:aws:sts::${accountId}:assumed-role/${roleArn.split('/').at(-1) ?? ''}/${session}`) +
        credentials({ accessKeyId: iamId('ASIA').slice(0, 20), secretAccessKey: randomBytes(30).toString('base64'), token: randomBytes(60).toString('base64'), until }));
    }
    default:
      throw new AwsError('InvalidAction', `the sandbox does not imitate sts:${action}`);
  }
}

/** @param arn the session's, which ends with its name */
function assumedRole(arn: string): string {
  return element('AssumedRoleUser', element('AssumedRoleId', `${iamId('AROA')}:${arn.split('/').at(-1) ?? ''}`) + element('Arn', arn), 'elements');
}

function credentials({ accessKeyId, secretAccessKey, token, until }: Omit<RoleSession, 'arn' | 'role'>): string {
  return element('Credentials', element('AccessKeyId', accessKeyId) + element('SecretAccessKey', secretAccessKey) + element('SessionToken', token) + element('Expiration', new Date(until).toISOString()), 'elements');
}

function result(action: string, content: string): string {
  const body = element(`${action}Result`, content, 'elements') + element('ResponseMetadata', element('RequestId', randomUUID()), 'elements');
  return `<${action}Response xmlns="https://sts.amazonaws.com/doc/2011-06-15/">${body}</${action}Response>`;
}
