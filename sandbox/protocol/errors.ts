import { Metadata, status, type ServiceError } from '@grpc/grpc-js';
import providerMessages from '@pulumi/pulumi/proto/provider_pb.js';
import statusMessages from '@pulumi/pulumi/proto/status_pb.js';
import { anys } from './messages.js';
import { encode, type PropertyMap, type Secrecy } from './values.js';

/**
 * The resource exists but did not become what was asked for. The engine keeps it in the state with these outputs, ends
 * the operation as failed and updates the resource next time.
 */
export class PartialCreation extends Error {
  constructor(
    readonly id: string,
    readonly outputs: PropertyMap,
    readonly inputs: PropertyMap,
    reason: string,
  ) {
    super(reason);
    this.name = 'PartialCreation';
  }
}

/** Turns whatever a handler threw into a gRPC error whose details are the provider's words. */
export function toServiceError(error: unknown, secrecy: Secrecy | undefined): ServiceError {
  const message = error instanceof Error ? error.message : String(error);
  const metadata = new Metadata();
  if (error instanceof PartialCreation) metadata.add('grpc-status-details-bin', partialCreationDetails(error, secrecy));
  return Object.assign(new Error(message), { code: status.UNKNOWN, details: message, metadata });
}

/** `grpc-status-details-bin` carries a google.rpc.Status whose details hold the engine's own error message. */
function partialCreationDetails(error: PartialCreation, secrecy: Secrecy | undefined): Buffer {
  const failed = new providerMessages.ErrorResourceInitFailed();
  failed.setId(error.id);
  failed.setProperties(encode(error.outputs, secrecy));
  failed.setInputs(encode(error.inputs, secrecy));
  failed.setReasonsList([error.message]);
  const detail = new anys.Any();
  detail.pack(failed.serializeBinary(), 'pulumirpc.ErrorResourceInitFailed');
  const wrapped = new statusMessages.Status();
  wrapped.setCode(status.UNKNOWN);
  wrapped.setMessage(error.message);
  wrapped.addDetails(detail);
  return Buffer.from(wrapped.serializeBinary());
}
