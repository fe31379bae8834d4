import { z } from 'zod';
import { uuidSchema } from '../../model/fields.js';
import { Refusal, type ControlCall, type ControlCalls } from '../control.js';
import type { EntraPart } from './index.js';
import { tokenSeconds } from './provider.js';
import { findApplication, findUser, tenantSchema } from './tenant.js';

const about = { tenant: uuidSchema, audience: uuidSchema, expiresInSeconds: z.int().min(1).max(86_400).default(tokenSeconds) };
const tokenSchema = z.union([
  z.strictObject({ ...about, user: z.string().min(1) }),
  z.strictObject({ ...about, application: uuidSchema }),
]);

/** The calls of the control endpoint that begin with `/entra/`: tokens without a sign-in, directories, keys. */
export function entraCalls(entra: EntraPart): ControlCalls {
  return (call) => {
    const [, method = '', id = ''] = /^(GET|PUT|DELETE) \/entra\/tenants\/([^/]+)$/.exec(call.route) ?? [];
    if (method !== '') return tenant(entra, method, id, call);
    if (call.route === 'POST /entra/tokens') return token(entra, call);
    if (call.route === 'POST /entra/keys/rotate') return rotate(entra);
    return undefined;
  };
}

async function tenant({ directories, settled }: EntraPart, method: string, id: string, call: ControlCall): Promise<unknown> {
  const parsed = uuidSchema.safeParse(id);
  if (!parsed.success) throw new Refusal(422, `${id} is no tenant: its id is a UUID`);
  if (method === 'PUT') directories.put(parsed.data, await call.read(tenantSchema));
  if (method === 'DELETE') directories.forget(parsed.data);
  await settled();
  return directories.of(parsed.data);
}

async function token(entra: EntraPart, call: ControlCall): Promise<unknown> {
  const wanted = await call.read(tokenSchema);
  const { tenant: tenantId, audience, expiresInSeconds: expiresIn } = wanted;
  const directory = entra.directories.of(tenantId);
  if ('user' in wanted) {
    const user = findUser(directory, wanted.user);
    if (user === undefined) throw new Refusal(404, `tenant ${tenantId} has no user ${wanted.user}: it has ${directory.users.map(({ userPrincipalName }) => userPrincipalName).join(', ')}`);
    return { token: await entra.issue({ tenantId, principal: { user: user.id }, audience, expiresIn }) };
  }
  if (findApplication(directory, wanted.application)?.secret === undefined) throw new Refusal(404, `tenant ${tenantId} has no application ${wanted.application} with a secret`);
  return { token: await entra.issue({ tenantId, principal: { application: wanted.application }, audience, expiresIn }) };
}

async function rotate({ keys, settled }: EntraPart): Promise<unknown> {
  const kid = keys.rotate();
  await settled();
  return { kid };
}
