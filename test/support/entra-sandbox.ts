import { createPublicKey, verify, type JsonWebKey } from 'node:crypto';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import type { Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import os from 'node:os';
import path from 'node:path';
import { z } from 'zod';
import { controlServer } from '../../sandbox/control.js';
import { entraCalls } from '../../sandbox/entra/control.js';
import { startEntra, type EntraPart } from '../../sandbox/entra/index.js';
import { openSandbox, type Sandbox } from '../../sandbox/sandbox.js';

const keysSchema = z.object({ keys: z.array(z.looseObject({ kid: z.string() })) });
const headerSchema = z.looseObject({ alg: z.literal('RS256'), kid: z.string() });
const claimsSchema = z.looseObject({ iss: z.string(), aud: z.string(), exp: z.number() });
export type Claims = z.output<typeof claimsSchema>;

/** The stand-in for Entra ID with a control endpoint, in this process, and what its clients do. */
export class EntraSandbox {
  private constructor(readonly home: string, private sandbox: Sandbox, private part: EntraPart, private controlled: Server) {}

  static async start(): Promise<EntraSandbox> {
    const home = await mkdtemp(path.join(os.tmpdir(), 'entra-'));
    return new EntraSandbox(home, ...(await EntraSandbox.#run(home)));
  }

  static async #run(home: string): Promise<[Sandbox, EntraPart, Server]> {
    const sandbox = await openSandbox(home, 0);
    const part = await startEntra(sandbox);
    const control = controlServer(sandbox, entraCalls(part)).listen(0, '127.0.0.1');
    await once(control, 'listening');
    return [sandbox, part, control];
  }

  /** Takes connections for Entra's own name. */
  get services(): Server {
    return this.part.services;
  }

  get control(): string {
    return `http://127.0.0.1:${(this.controlled.address() as AddressInfo).port}`;
  }

  /** What stands for `https://login.microsoftonline.com`. */
  get authority(): string {
    return this.part.endpoint;
  }

  /** Address of something of a tenant. */
  at(tenantId: string, where: string): string {
    return `${this.part.endpoint}/${tenantId}${where}`;
  }

  async restart(): Promise<void> {
    await this.#end();
    [this.sandbox, this.part, this.controlled] = await EntraSandbox.#run(this.home);
  }

  async stop(): Promise<void> {
    await this.#end();
    await rm(this.home, { recursive: true });
  }

  async #end(): Promise<void> {
    this.controlled.close();
    this.controlled.closeAllConnections();
    await this.part.close();
    await this.sandbox.journal.close();
  }

  /** A call to the control endpoint. */
  async call(method: string, where: string, body?: unknown): Promise<{ status: number; body: unknown }> {
    const response = await fetch(this.control + where, { method, ...(body === undefined ? {} : { body: JSON.stringify(body) }) });
    return { status: response.status, body: await response.json() };
  }

  /** A token from the control endpoint; throws where it is refused. */
  async token(wanted: { tenant: string; audience: string; user?: string; application?: string; expiresInSeconds?: number }): Promise<string> {
    const { status, body } = await this.call('POST', '/entra/tokens', wanted);
    if (status !== 200) throw new Error(JSON.stringify(body));
    return z.object({ token: z.string() }).parse(body).token;
  }

  /** A request of a client to the tenant's endpoints, with what came back. */
  async post(tenantId: string, where: string, form: Record<string, string>): Promise<{ status: number; body: Record<string, unknown> }> {
    const response = await fetch(this.at(tenantId, `/oauth2/v2.0/${where}`), { method: 'POST', body: new URLSearchParams(form) });
    return { status: response.status, body: z.record(z.string(), z.unknown()).parse(await response.json()) };
  }

  /** Ids of the keys that a tenant publishes. */
  async keyIds(tenantId: string): Promise<string[]> {
    return (await this.#keys(tenantId)).map(({ kid }) => kid);
  }

  /** What a token says, as its audience reads it: signed by a published key and not at its end. Throws where it is not. */
  async verified(tenantId: string, token: unknown): Promise<Claims> {
    const [head = '', payload = '', signature = ''] = z.string().parse(token).split('.');
    const { kid } = headerSchema.parse(decoded(head));
    const key = (await this.#keys(tenantId)).find((one) => one.kid === kid);
    if (key === undefined) throw new Error(`there is no key ${kid}`);
    if (!verify('RSA-SHA256', Buffer.from(`${head}.${payload}`), createPublicKey({ key: key as JsonWebKey, format: 'jwk' }), Buffer.from(signature, 'base64url'))) throw new Error('the signature is wrong');
    const claims = claimsSchema.parse(decoded(payload));
    if (claims.exp <= Date.now() / 1000) throw new Error('the token has ended');
    return claims;
  }

  async #keys(tenantId: string) {
    return keysSchema.parse(await (await fetch(this.at(tenantId, '/discovery/v2.0/keys'))).json()).keys;
  }
}

/** Somebody's browser: cookies, redirects within the stand-in, and forms. */
export class Browser {
  readonly #cookies = new Map<string, string>();

  /** Opens an address. Gives the page, or where it leads to outside: a redirect to another port is not followed. */
  async open(url: string, form?: Record<string, string>): Promise<{ url: string; html: string }> {
    const response = await fetch(url, {
      redirect: 'manual', headers: { cookie: [...this.#cookies].map(([name, value]) => `${name}=${value}`).join('; ') },
      ...(form === undefined ? {} : { method: 'POST', body: new URLSearchParams(form) }),
    });
    for (const cookie of response.headers.getSetCookie()) {
      const [name = '', value = ''] = (cookie.split(';')[0] ?? '').split('=', 2);
      this.#cookies.set(name, value);
    }
    const location = response.headers.get('location');
    if (location === null) return { url, html: await response.text() };
    const target = new URL(location, url);
    return target.origin === new URL(url).origin ? this.open(target.href) : { url: target.href, html: '' };
  }

  /** Sends a page's form, with what is hidden in it. */
  async submit({ url, html }: { url: string; html: string }, filled: Record<string, string> = {}): Promise<{ url: string; html: string }> {
    const hidden = [...html.matchAll(/<input type="hidden" name="([^"]+)" value="([^"]*)"/g)].map(([, name = '', value = '']) => [name, value]);
    const action = /<form[^>]* action="([^"]+)"/.exec(html)?.[1] ?? url;
    return this.open(new URL(action, url).href, { ...(Object.fromEntries(hidden) as Record<string, string>), ...filled });
  }
}

function decoded(part: string): unknown {
  return JSON.parse(Buffer.from(part, 'base64url').toString('utf8'));
}
