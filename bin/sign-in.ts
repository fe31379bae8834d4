import { entraSignIn, openSignIn, type SignIn } from '../api/index.js';
import type { HttpSettings } from '../model/http-settings.js';
import { noTenancy, parseTenancy, type Tenancy } from '../model/tenancy.js';
import { readYaml } from './yaml-file.js';

/** How callers sign in, and who may do what. Throws `tenancy-invalid` with every fault of the tenancy file. */
export async function loadSignIn({ entra }: HttpSettings): Promise<{ signIn: SignIn; tenancy: Tenancy }> {
  if (entra === undefined) return { signIn: openSignIn, tenancy: noTenancy };
  const tenancy = parseTenancy(await readYaml(entra.tenancyFile, 'tenancy-invalid', 'The tenancy file'), entra.tenancyFile);
  return { signIn: entraSignIn(entra, tenancy), tenancy };
}
