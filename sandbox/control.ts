import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import { z, type ZodType } from 'zod';
import { faultSchema } from './faults.js';
import type { Item } from './inventory/item.js';
import type { Sandbox } from './sandbox.js';

const clockSchema = z.strictObject({ advanceSeconds: z.number().min(0) });
const propertiesSchema = z.record(z.string(), z.json());

/** A refusal with its HTTP status. */
export class Refusal extends Error {
  constructor(
    readonly status: number,
    message: string,
  ) {
    super(message);
  }
}

/** One call: `METHOD /path`, without the query, and its body, which is read and checked when somebody asks for it. */
export interface ControlCall {
  readonly route: string;
  /** Throws a {@link Refusal} where the body does not fit. */
  read<T>(schema: ZodType<T>): Promise<T>;
}

/** The calls of a part: undefined for those that are not its own. */
export type ControlCalls = (call: ControlCall) => Promise<unknown> | undefined;

/** The loopback endpoint through which demos and tests look into the sandbox and disturb it. JSON in and out. Parts add their own calls. */
export function controlServer(sandbox: Sandbox, ...parts: readonly ControlCalls[]): Server {
  return createServer((request, response) => {
    void answer(sandbox, parts, request).then(
      (body) => send(response, 200, body),
      (error: unknown) => {
        const message = error instanceof Error ? error.message : String(error);
        send(response, error instanceof Refusal ? error.status : 500, { error: message });
      },
    );
  });
}

async function answer(sandbox: Sandbox, parts: readonly ControlCalls[], request: IncomingMessage): Promise<unknown> {
  const url = new URL(request.url ?? '/', 'http://sandbox');
  const route = `${request.method} ${url.pathname}`;
  for (const part of parts) {
    const answered = part({ route, read: (schema) => read(request, schema) });
    if (answered !== undefined) return answered;
  }
  const resource = /^POST \/resources\/([^/]+)\/(delete|mutate)$/.exec(route);
  if (resource !== null) {
    const item = find(sandbox, decodeURIComponent(resource[1] ?? ''), url.searchParams.get('type'));
    if (resource[2] === 'delete') sandbox.drift.delete(item);
    else sandbox.drift.mutate(item, await read(request, propertiesSchema));
    await sandbox.inventory.settled();
    return { id: item.id, type: item.type };
  }
  switch (route) {
    case 'GET /inventory':
      return inventory(sandbox, url.searchParams.get('cluster') ?? undefined);
    case 'GET /faults':
      return { items: sandbox.faults.list() };
    case 'POST /faults':
      return sandbox.faults.add(await read(request, faultSchema));
    case 'DELETE /faults':
      sandbox.faults.clear();
      return { items: [] };
    case 'POST /images':
      return { serial: sandbox.ubuntu.publish() };
    case 'POST /clock': {
      sandbox.clock.advance((await read(request, clockSchema)).advanceSeconds);
      await sandbox.inventory.settled();
      return { now: sandbox.clock.timestamp() };
    }
    default:
      throw new Refusal(404, `the sandbox has no ${route}`);
  }
}

function inventory(sandbox: Sandbox, cluster: string | undefined) {
  return {
    items: sandbox.inventory.list(cluster).map((item) => ({
      id: item.id,
      type: item.type,
      cluster: item.cluster,
      resource: item.resource,
      parent: item.parent?.id ?? null,
    })),
    kept: sandbox.inventory.kept(cluster).map(({ id, type, cluster: owner, reason, until }) => ({
      id,
      type,
      cluster: owner,
      reason,
      until: until === null ? null : new Date(until).toISOString(),
    })),
  };
}

/** The item with this id; `?type=` decides where a role and its instance profile share a name. */
function find(sandbox: Sandbox, id: string, type: string | null): Item {
  const found = sandbox.inventory.withId(id).filter((item) => type === null || item.type === type);
  const [item, another] = found;
  if (item === undefined) throw new Refusal(404, `the inventory has no ${type ?? 'resource'} with id ${id}`);
  if (another !== undefined) {
    throw new Refusal(409, `id ${id} is shared by ${found.map((one) => one.type).join(', ')}: add ?type=`);
  }
  return item;
}

async function read<T>(request: IncomingMessage, schema: ZodType<T>): Promise<T> {
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(chunk as Buffer);
  let body: unknown;
  try {
    body = JSON.parse(Buffer.concat(chunks).toString('utf8') || '{}');
  } catch {
    throw new Refusal(400, 'the body is not JSON');
  }
  const result = schema.safeParse(body);
  if (!result.success) throw new Refusal(422, z.prettifyError(result.error));
  return result.data;
}

function send(response: ServerResponse, status: number, body: unknown): void {
  response.writeHead(status, { 'content-type': 'application/json' }).end(`${JSON.stringify(body)}\n`);
}
