import type * as types from '@pulumi/pulumi/proto/provider_pb.js';
import type { Connections } from './connections.js';
import { empties } from './messages.js';
import { resourceCall } from './resource-call.js';
import { unary } from './unary.js';
import { decode } from './values.js';

/** Delete; a resource that is gone already counts as deleted. */
export function deleteHandler(connections: Connections) {
  return unary<types.DeleteRequest, InstanceType<typeof empties.Empty>>(async (request, context) => {
    const { session, signal } = connections.session(context);
    await session.delete({
      ...resourceCall(request, signal),
      id: request.getId(),
      oldInputs: decode(request.getOldInputs()).value,
      state: decode(request.getProperties()).value,
      timeoutSeconds: request.getTimeout(),
    });
    return new empties.Empty();
  });
}
