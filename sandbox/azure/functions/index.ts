import type { PropertyMap } from '../../protocol/values.js';
import { serviceIdentity, subscriptionId, tenantId, type Cloud } from '../cloud.js';

/** A data source: arguments in, result out. */
type AzureFunction = (args: PropertyMap, cloud: Cloud) => PropertyMap;

/** Every function that the sandbox imitates, by token. */
export const functions: Readonly<Record<string, AzureFunction>> = {
  /** Who the provider is. */
  'azure-native:authorization:getClientConfig': () => ({ ...serviceIdentity, subscriptionId, tenantId }),
};

/** Calls a function; unknown ones are refused loudly, never made up. */
export function callFunction(token: string, args: PropertyMap, cloud: Cloud): PropertyMap {
  const call = functions[token];
  if (call === undefined) throw new Error(`the sandbox does not imitate function ${token}: add it under sandbox/azure/functions/`);
  return call(args, cloud);
}
