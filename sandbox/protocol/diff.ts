import type * as types from '@pulumi/pulumi/proto/provider_pb.js';
import type { Connections } from './connections.js';
import { resourceCall } from './resource-call.js';
import { diffResponse } from './responses.js';
import { unary } from './unary.js';
import { decode } from './values.js';

/** Diff: old inputs against new ones; no effect. */
export function diffHandler(connections: Connections) {
  return unary<types.DiffRequest, types.DiffResponse>(async (request, context) => {
    const { session, signal } = connections.session(context);
    return diffResponse(
      await session.diff({
        ...resourceCall(request, signal),
        id: request.getId(),
        oldInputs: decode(request.getOldInputs()).value,
        oldState: decode(request.getOlds()).value,
        news: decode(request.getNews()).value,
        ignoreChanges: request.getIgnorechangesList(),
      }),
    );
  });
}
