import providerMessages from '@pulumi/pulumi/proto/provider_pb.js';
import type * as types from '@pulumi/pulumi/proto/provider_pb.js';
import type { Connections } from './connections.js';
import { compareInputs } from './differences.js';
import { checkFailure, diffResponse } from './responses.js';
import type { EmulatedProvider } from './provider.js';
import { unary } from './unary.js';
import { decode, encode, type PropertyMap, type PropertyValue } from './values.js';

/** CheckConfig, DiffConfig and Configure: the arguments of an explicit provider or of the stack's config. */
export function configHandlers(provider: EmulatedProvider, connections: Connections) {
  return {
    checkConfig: unary<types.CheckRequest, types.CheckResponse>((request, context) => {
      const { value, secrecy } = decode(request.getNews());
      context.secrecy = secrecy;
      const response = new providerMessages.CheckResponse();
      response.setInputs(encode(value, secrecy));
      response.setFailuresList(provider.checkConfig(configArguments(value)).map(checkFailure));
      return response;
    }),
    diffConfig: unary<types.DiffRequest, types.DiffResponse>((request) => {
      const olds = decode(request.getOldInputs() ?? request.getOlds()).value;
      const news = decode(request.getNews()).value;
      return diffResponse({ differences: compareInputs(olds, news, { replaces: provider.replacingArguments }) });
    }),
    configure: unary<types.ConfigureRequest, types.ConfigureResponse>(async (request, { peer }) => {
      const args = configArguments(decode(request.getArgs()).value);
      connections.of(peer).session = await provider.configure(args);
      const response = new providerMessages.ConfigureResponse();
      response.setAcceptsecrets(true);
      response.setAcceptresources(true);
      response.setAcceptoutputs(true);
      response.setSupportspreview(true);
      return response;
    }),
  };
}

/** SDKs send every provider argument that is not text as JSON text; this undoes it for booleans, numbers, lists, maps. */
function configArguments(args: PropertyMap): PropertyMap {
  return Object.fromEntries(Object.entries(args).map(([name, value]) => [name, configArgument(value)]));
}

function configArgument(value: PropertyValue): PropertyValue {
  if (typeof value !== 'string' || !/^(true|false|\d+|\[.*\]|\{.*\})$/s.test(value)) return value;
  try {
    return JSON.parse(value) as PropertyValue;
  } catch {
    return value;
  }
}
