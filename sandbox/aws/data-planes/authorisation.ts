import { z } from 'zod';
import type { Cloud } from '../cloud.js';
import { accountId } from '../cloud.js';
import { AwsError } from '../errors.js';
import { allows, statementsForEverybody, statementsOfRole, type RequestContext } from '../role-policies.js';
import type { RoleSession } from './role-sessions.js';
import { objectAddress } from './s3.js';
import type { WireRequest } from './wire.js';

/** One thing that a request does. */
interface Deed {
  readonly action: string;
  readonly resource: string;
  readonly context?: RequestContext;
}

const parametersSchema = z.object({ Name: z.string().optional(), Names: z.array(z.string()).optional(), Path: z.string().optional() });

/** Refuses what the policies of a session's role do not allow. @param action as faults name it: `s3:PutObject`. @throws AwsError AccessDenied */
export function authorise(cloud: Cloud, session: RoleSession, action: string, request: WireRequest): void {
  const statements = statementsOfRole(cloud.inventory, session.role);
  const refused = deedsOf(action, request).find((deed) => !allows(statements, deed.action, deed.resource, deed.context ?? {}));
  if (refused !== undefined) throw denied(session, refused);
  if (action !== 's3:GetObject') return;
  const { bucket, key } = objectAddress(request);
  // Without the right to list, and one that depends on a prefix is none here, S3 does not tell that an object is missing:
  // https://docs.aws.amazon.com/AmazonS3/latest/API/API_GetObject.html
  const list: Deed = { action: 's3:ListBucket', resource: `arn:aws:s3:::${bucket}` };
  if (cloud.objects.get(bucket, key) === undefined && !allows(statements, list.action, list.resource, {})) throw denied(session, list);
}

/** Whether a request is one that the policy of its bucket lets everybody make, without a signature. Whatever reaches the sandbox counts as TLS. */
export function isPublic(cloud: Cloud, action: string, request: WireRequest): boolean {
  const statements = statementsForEverybody(cloud.inventory, objectAddress(request).bucket);
  return deedsOf(action, request).every((deed) => allows(statements, deed.action, deed.resource, { ...deed.context, 'aws:SecureTransport': 'true' }));
}

function denied({ arn }: RoleSession, { action, resource }: Deed): AwsError {
  const code = action.startsWith('s3:') ? 'AccessDenied' : 'AccessDeniedException';
  return new AwsError(code, `User: ${arn} is not authorized to perform: ${action} on resource: ${resource} because no identity-based policy allows the ${action} action`, action.startsWith('s3:') ? 403 : 400);
}

function deedsOf(action: string, request: WireRequest): Deed[] {
  const [service] = action.split(':');
  switch (service) {
    case 's3': {
      const { bucket, key } = objectAddress(request);
      if (action === 's3:ListObjectsV2') return [{ action: 's3:ListBucket', resource: `arn:aws:s3:::${bucket}`, context: { 's3:prefix': request.url.searchParams.get('prefix') ?? '' } }];
      return [{ action: action === 's3:HeadObject' ? 's3:GetObject' : action, resource: `arn:aws:s3:::${bucket}${key === '' ? '' : `/${key}`}` }];
    }
    case 'ssm': {
      const { Name, Names = [], Path } = parametersSchema.parse(JSON.parse(request.body.toString('utf8') || '{}'));
      return [Name, ...Names, Path].flatMap((name) => (name === undefined ? [] : [{ action, resource: `arn:aws:ssm:${request.region}:${accountId}:parameter${name}` }]));
    }
    default:
      return [{ action, resource: '*' }];
  }
}
