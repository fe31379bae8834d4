import providerMessages from '@pulumi/pulumi/proto/provider_pb.js';
import type * as types from '@pulumi/pulumi/proto/provider_pb.js';
import type { CheckFailure, DiffResult, DifferenceKind } from './provider.js';

const kinds = providerMessages.PropertyDiff.Kind;
const wireKinds: Record<DifferenceKind, types.PropertyDiff.Kind> = {
  add: kinds.ADD,
  'add-replace': kinds.ADD_REPLACE,
  delete: kinds.DELETE,
  'delete-replace': kinds.DELETE_REPLACE,
  update: kinds.UPDATE,
  'update-replace': kinds.UPDATE_REPLACE,
};

/** A failure in the protocol's form. */
export function checkFailure(failure: CheckFailure): types.CheckFailure {
  const message = new providerMessages.CheckFailure();
  message.setProperty(failure.property);
  message.setReason(failure.reason);
  return message;
}

/** A diff in the protocol's form, with its detailed part. */
export function diffResponse(result: DiffResult): types.DiffResponse {
  const { DiffChanges } = providerMessages.DiffResponse;
  const response = new providerMessages.DiffResponse();
  const tops = new Set<string>();
  const replaces = new Set<string>();
  response.setHasdetaileddiff(true);
  for (const [path, kind] of result.differences) {
    const detail = new providerMessages.PropertyDiff();
    detail.setKind(wireKinds[kind]);
    detail.setInputdiff(true);
    response.getDetaileddiffMap().set(path, detail);
    const top = /^[^.[]+/.exec(path)?.[0] ?? path;
    tops.add(top);
    if (kind.endsWith('-replace')) replaces.add(top);
  }
  response.setChanges(tops.size > 0 ? DiffChanges.DIFF_SOME : DiffChanges.DIFF_NONE);
  response.setDiffsList([...tops]);
  response.setReplacesList([...replaces]);
  response.setDeletebeforereplace(replaces.size > 0 && result.deleteBeforeReplace === true);
  return response;
}
