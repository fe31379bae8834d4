import pluginMessages from '@pulumi/pulumi/proto/plugin_pb.js';
import providerMessages from '@pulumi/pulumi/proto/provider_pb.js';
import type * as providerTypes from '@pulumi/pulumi/proto/provider_pb.js';
import type { Connections } from './connections.js';
import { empties } from './messages.js';
import type { EmulatedProvider } from './provider.js';
import { unary } from './unary.js';

/** Attach, handshake, version and cancel: everything about a connection rather than a resource. */
export function lifecycleHandlers(provider: EmulatedProvider, connections: Connections) {
  return {
    attach: unary((_request, { peer }) => {
      connections.open(peer);
      return new empties.Empty();
    }),
    handshake: unary<providerTypes.ProviderHandshakeRequest, providerTypes.ProviderHandshakeResponse>(() => {
      const response = new providerMessages.ProviderHandshakeResponse();
      response.setAcceptSecrets(true);
      response.setAcceptResources(true);
      response.setAcceptOutputs(true);
      return response;
    }),
    getPluginInfo: unary(() => {
      const response = new pluginMessages.PluginInfo();
      response.setVersion(provider.version);
      return response;
    }),
    cancel: unary((_request, { peer }) => {
      connections.of(peer).cancellation.abort(new Error('the operation was cancelled'));
      return new empties.Empty();
    }),
  };
}
