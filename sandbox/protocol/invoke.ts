import providerMessages from '@pulumi/pulumi/proto/provider_pb.js';
import type * as types from '@pulumi/pulumi/proto/provider_pb.js';
import type { Connections } from './connections.js';
import { checkFailure } from './responses.js';
import { unary } from './unary.js';
import { decode, encode } from './values.js';

/** Invoke: a provider's function, that is, a data source. */
export function invokeHandler(connections: Connections) {
  return unary<types.InvokeRequest, types.InvokeResponse>(async (request, context) => {
    const { session, signal } = connections.session(context);
    const result = await session.invoke({ token: request.getTok(), args: decode(request.getArgs()).value, signal });
    const response = new providerMessages.InvokeResponse();
    response.setReturn(encode(result.outputs));
    response.setFailuresList((result.failures ?? []).map(checkFailure));
    return response;
  });
}
