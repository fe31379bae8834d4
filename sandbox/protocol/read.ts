import providerMessages from '@pulumi/pulumi/proto/provider_pb.js';
import type * as types from '@pulumi/pulumi/proto/provider_pb.js';
import type { Connections } from './connections.js';
import { resourceCall } from './resource-call.js';
import { unary } from './unary.js';
import { decode, encode, withSecrets } from './values.js';

/** Read, for refresh and import. An answer without an id tells the engine that the resource is gone. */
export function readHandler(connections: Connections) {
  return unary<types.ReadRequest, types.ReadResponse>(async (request, context) => {
    const { session, signal } = connections.session(context);
    const inputs = decode(request.getInputs());
    const state = decode(request.getProperties());
    const result = await session.read({
      ...resourceCall(request, signal),
      id: request.getId(),
      inputs: inputs.value,
      state: state.value,
    });
    const response = new providerMessages.ReadResponse();
    if (result === undefined) return response;
    response.setId(result.id);
    response.setProperties(encode(result.outputs, withSecrets(state.secrecy, result.secretOutputs)));
    response.setInputs(encode(result.inputs, inputs.secrecy));
    return response;
  });
}
