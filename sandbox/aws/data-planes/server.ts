import { randomUUID } from 'node:crypto';
import { createServer, type IncomingMessage, type Server } from 'node:http';
import { Denied, Struck, Throttled, type Requests } from '../../requests.js';
import type { Cloud } from '../cloud.js';
import { AwsError } from '../errors.js';
import { iam } from './account-queries.js';
import { authorise, isPublic } from './authorisation.js';
import { autoScaling } from './auto-scaling.js';
import { ec2 } from './ec2/index.js';
import { kms } from './kms.js';
import { classicLoadBalancing, loadBalancing } from './load-balancing.js';
import { quotas } from './quotas.js';
import { isRoute53, route53, route53Error } from './route53.js';
import type { RoleSessions } from './role-sessions.js';
import { s3Action, s3, s3Error } from './s3.js';
import { ssm } from './ssm.js';
import { sts } from './sts.js';
import { tagging } from './tagging.js';
import { element, type WireRequest, type WireResponse } from './wire.js';

/** How a service speaks: JSON with a target header, form queries with XML answers, or S3's REST. */
interface Route {
  /** As faults name it: `ssm:GetParameter`. */
  readonly action: string;
  /** Whether it is answered without a signature, as what itself gives credentials, and what everybody may do. */
  readonly unsigned?: boolean;
  readonly handle: () => WireResponse | Promise<WireResponse>;
  readonly refuse: (error: AwsError) => WireResponse;
}

/** All data planes on one port; which one is meant is told by target header, form body, or neither (S3, path style). */
export function dataPlaneServer(cloud: Cloud, requests: Requests, sessions: RoleSessions): Server {
  return createServer((incoming, outgoing) => {
    const cancelled = new AbortController();
    outgoing.once('close', () => cancelled.abort(new Error('the client has gone')));
    void answer(cloud, requests, sessions, incoming, cancelled.signal).then(({ status, headers, body }) => {
      outgoing.writeHead(status, { 'x-amzn-requestid': randomUUID(), ...headers });
      outgoing.end(incoming.method === 'HEAD' ? undefined : body);
    });
  });
}

async function answer(cloud: Cloud, requests: Requests, sessions: RoleSessions, incoming: IncomingMessage, signal: AbortSignal): Promise<WireResponse> {
  const request = await receive(incoming);
  const route = routeOf(cloud, requests, sessions, request);
  try {
    if (request.region === '' && route.unsigned !== true) throw new AwsError('MissingAuthenticationToken', 'The request must carry an Authorization header of AWS Signature Version 4.', 403);
    const signer = sessions.signerOf(request);
    if (signer !== undefined) authorise(cloud, signer, route.action, request);
    const target = { type: route.action, operation: 'invoke', cluster: null, resources: [] } as const;
    const response = await requests.run(target, { signal, retries: 0 }, async () => route.handle());
    await cloud.inventory.settled();
    return response;
  } catch (error) {
    return route.refuse(asAwsError(error));
  }
}

function asAwsError(error: unknown): AwsError {
  if (error instanceof AwsError) return error;
  if (error instanceof Throttled) return new AwsError('ThrottlingException', 'Rate exceeded', 400);
  const message = error instanceof Error ? error.message : String(error);
  if (error instanceof Denied) return new AwsError('AccessDenied', message, 403);
  return new AwsError(error instanceof Struck ? 'ServiceUnavailable' : 'InternalFailure', message, error instanceof Struck ? 503 : 500);
}

async function receive(incoming: IncomingMessage): Promise<WireRequest> {
  const chunks: Buffer[] = [];
  for await (const chunk of incoming) chunks.push(chunk as Buffer);
  return {
    method: incoming.method ?? 'GET',
    url: new URL(incoming.url ?? '/', 'http://sandbox'),
    headers: incoming.headers,
    body: Buffer.concat(chunks),
    region: /^AWS4-HMAC-SHA256 Credential=[^/]+\/\d{8}\/([a-z0-9-]+)\//.exec(incoming.headers.authorization ?? '')?.[1] ?? '',
  };
}

function routeOf(cloud: Cloud, requests: Requests, sessions: RoleSessions, request: WireRequest): Route {
  const target = request.headers['x-amz-target'];
  if (typeof target === 'string') return jsonRoute(cloud, request, target);
  if (request.headers['content-type']?.startsWith('application/x-www-form-urlencoded') === true) return queryRoute(cloud, requests, sessions, request);
  if (isRoute53(request)) return { action: 'route53:GetHostedZone', handle: () => route53(cloud, request), refuse: route53Error };
  const action = `s3:${s3Action(request)}`;
  return { action, unsigned: request.region === '' && isPublic(cloud, action, request), handle: () => s3(cloud, request), refuse: s3Error };
}

const jsonServices = { AmazonSSM: { name: 'ssm', call: ssm }, ResourceGroupsTaggingAPI_20170126: { name: 'tagging', call: tagging }, ServiceQuotasV20190624: { name: 'servicequotas', call: quotas }, TrentService: { name: 'kms', call: kms } };

function jsonRoute(cloud: Cloud, request: WireRequest, target: string): Route {
  const [prefix = '', operation = ''] = target.split('.');
  const service = Object.entries(jsonServices).find(([name]) => name === prefix)?.[1];
  return {
    action: `${service?.name ?? prefix}:${operation}`,
    handle() {
      if (service === undefined) throw new AwsError('UnknownOperationException', `the sandbox does not imitate ${target}`);
      const output = service.call(operation, JSON.parse(request.body.toString('utf8') || '{}'), { cloud, region: request.region });
      return { status: 200, headers: { 'content-type': 'application/x-amz-json-1.1' }, body: JSON.stringify(output) };
    },
    refuse: ({ code, message, status }) => ({
      status,
      headers: { 'content-type': 'application/x-amz-json-1.1', 'x-amzn-errortype': code },
      body: JSON.stringify({ __type: code, message, Message: message }),
    }),
  };
}

interface QueryContext {
  readonly cloud: Cloud;
  readonly region: string;
  readonly sessions: RoleSessions;
  /** Actions that nobody may do now. */
  readonly denied: readonly string[];
}

/** By the version of their interface: that is what a form names. */
const queryServices: Readonly<Record<string, { readonly name: string; readonly call: (action: string, form: URLSearchParams, context: QueryContext) => string | Promise<string> }>> = {
  '2010-05-08': { name: 'iam', call: iam },
  '2011-01-01': { name: 'autoscaling', call: autoScaling },
  '2011-06-15': { name: 'sts', call: sts },
  '2012-06-01': { name: 'elb', call: classicLoadBalancing },
  '2015-12-01': { name: 'elasticloadbalancing', call: loadBalancing },
  '2016-11-15': { name: 'ec2', call: ec2 },
};

function queryRoute(cloud: Cloud, requests: Requests, sessions: RoleSessions, request: WireRequest): Route {
  const form = new URLSearchParams(request.body.toString('utf8'));
  const [action, version] = [form.get('Action') ?? '', form.get('Version') ?? ''];
  const service = queryServices[version];
  return {
    action: `${service?.name ?? version}:${action}`,
    unsigned: service?.call === sts && action === 'AssumeRoleWithWebIdentity',
    async handle() {
      if (service === undefined) throw new AwsError('InvalidAction', `the sandbox does not imitate ${action} of version ${version}`);
      return { status: 200, headers: { 'content-type': 'text/xml' }, body: await service.call(action, form, { cloud, region: request.region, sessions, denied: requests.denied() }) };
    },
    refuse({ code, message, status }) {
      const error = element('Error', element('Code', code) + element('Message', message), 'elements');
      const body = service?.name === 'ec2' ? element('Response', element('Errors', error, 'elements') + element('RequestID', randomUUID()), 'elements') : element('ErrorResponse', error + element('RequestId', randomUUID()), 'elements');
      return { status, headers: { 'content-type': 'text/xml' }, body };
    },
  };
}
