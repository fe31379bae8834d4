import { randomBytes } from 'node:crypto';
import { createServer, type IncomingMessage, type Server } from 'node:http';
import type { Inventory } from '../../inventory/inventory.js';
import { text } from '../../provider/properties.js';
import * as tokens from '../types/tokens.js';
import type { RoleSessions } from './role-sessions.js';

interface Answer {
  readonly status: number;
  readonly body: string;
}

/** Tokens are valid for the time that the client asks for. */
interface Token {
  readonly value: string;
  readonly until: number;
}

/** The metadata service of one instance, version 2 only: a token first. It tells the instance's place and name, and gives its role's credentials. */
export function instanceMetadataService(inventory: Inventory, sessions: RoleSessions, instance: string): Server {
  const given: Token[] = [];
  return createServer((incoming, outgoing) => {
    const { status, body } = answer(incoming, given, (path) => metadata(inventory, sessions, instance, path));
    outgoing.writeHead(status, { 'content-type': 'text/plain' });
    outgoing.end(body);
  });
}

function answer({ method, url = '', headers }: IncomingMessage, given: Token[], find: (path: string) => string | undefined): Answer {
  if (method === 'PUT' && url === '/latest/api/token') {
    const seconds = Number(headers['x-aws-ec2-metadata-token-ttl-seconds']);
    if (!Number.isInteger(seconds) || seconds < 1 || seconds > 21_600) return { status: 400, body: '' };
    const token = { value: randomBytes(40).toString('base64url'), until: Date.now() + seconds * 1000 };
    given.push(token);
    return { status: 200, body: token.value };
  }
  const known = given.some(({ value, until }) => value === headers['x-aws-ec2-metadata-token'] && until > Date.now());
  if (!known) return { status: 401, body: '' };
  const found = method === 'GET' ? find(url) : undefined;
  return found === undefined ? { status: 404, body: '' } : { status: 200, body: found };
}

function metadata(inventory: Inventory, sessions: RoleSessions, instance: string, path: string): string | undefined {
  const item = inventory.get(tokens.instance, instance);
  const role = sessions.roleOf(instance);
  if (item === undefined) return undefined;
  switch (path) {
    case '/latest/meta-data/instance-id':
      return instance;
    case '/latest/meta-data/local-hostname':
      return text(item.outputs, 'privateDns');
    case '/latest/meta-data/local-ipv4':
      return text(item.outputs, 'privateIp');
    case '/latest/meta-data/placement/availability-zone':
      return text(item.outputs, 'availabilityZone');
    case '/latest/meta-data/iam/security-credentials/':
      return role;
    default:
      return role !== undefined && path === `/latest/meta-data/iam/security-credentials/${role}` ? credentials(sessions, instance, role) : undefined;
  }
}

function credentials(sessions: RoleSessions, instance: string, role: string): string {
  const { accessKeyId, secretAccessKey, token, until } = sessions.open(instance, role);
  return JSON.stringify({ Code: 'Success', Type: 'AWS-HMAC', AccessKeyId: accessKeyId, SecretAccessKey: secretAccessKey, Token: token, Expiration: new Date(until).toISOString() });
}
