import providerMessages from '@pulumi/pulumi/proto/provider_pb.js';
import type * as types from '@pulumi/pulumi/proto/provider_pb.js';
import type { Connections } from './connections.js';
import { resourceCall } from './resource-call.js';
import { checkFailure } from './responses.js';
import { unary } from './unary.js';
import { decode, encode } from './values.js';

/** Check: completes and verifies the inputs of one resource; no effect. */
export function checkHandler(connections: Connections) {
  return unary<types.CheckRequest, types.CheckResponse>(async (request, context) => {
    const { session, signal } = connections.session(context);
    const news = decode(request.getNews());
    context.secrecy = news.secrecy;
    const result = await session.check({
      ...resourceCall(request, signal),
      olds: decode(request.getOlds()).value,
      news: news.value,
      randomSeed: request.getRandomseed_asU8(),
    });
    const response = new providerMessages.CheckResponse();
    response.setInputs(encode(result.inputs, news.secrecy));
    response.setFailuresList(result.failures.map(checkFailure));
    return response;
  });
}
