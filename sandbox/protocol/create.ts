import providerMessages from '@pulumi/pulumi/proto/provider_pb.js';
import type * as types from '@pulumi/pulumi/proto/provider_pb.js';
import type { Connections } from './connections.js';
import { resourceCall } from './resource-call.js';
import { unary } from './unary.js';
import { decode, encode, withSecrets } from './values.js';

/** Create: an output whose input was secret is secret. */
export function createHandler(connections: Connections) {
  return unary<types.CreateRequest, types.CreateResponse>(async (request, context) => {
    const { session, signal } = connections.session(context);
    const inputs = decode(request.getProperties());
    context.secrecy = inputs.secrecy;
    const result = await session.create({
      ...resourceCall(request, signal),
      inputs: inputs.value,
      preview: request.getPreview(),
      timeoutSeconds: request.getTimeout(),
    });
    const response = new providerMessages.CreateResponse();
    response.setId(result.id);
    response.setProperties(encode(result.outputs, withSecrets(inputs.secrecy, result.secretOutputs)));
    return response;
  });
}
