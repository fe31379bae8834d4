import providerMessages from '@pulumi/pulumi/proto/provider_pb.js';
import type * as types from '@pulumi/pulumi/proto/provider_pb.js';
import type { Connections } from './connections.js';
import { resourceCall } from './resource-call.js';
import { unary } from './unary.js';
import { decode, encode, withSecrets } from './values.js';

/** Update in place. */
export function updateHandler(connections: Connections) {
  return unary<types.UpdateRequest, types.UpdateResponse>(async (request, context) => {
    const { session, signal } = connections.session(context);
    const news = decode(request.getNews());
    context.secrecy = news.secrecy;
    const result = await session.update({
      ...resourceCall(request, signal),
      id: request.getId(),
      oldInputs: decode(request.getOldInputs()).value,
      oldState: decode(request.getOlds()).value,
      news: news.value,
      preview: request.getPreview(),
      timeoutSeconds: request.getTimeout(),
      ignoreChanges: request.getIgnorechangesList(),
    });
    const response = new providerMessages.UpdateResponse();
    response.setProperties(encode(result.outputs, withSecrets(news.secrecy, result.secretOutputs)));
    return response;
  });
}
