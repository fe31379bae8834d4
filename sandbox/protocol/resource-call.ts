import type { ResourceCall } from './provider.js';

/** The fields that every resource request has. */
interface ResourceRequest {
  getUrn(): string;
  getType(): string;
  getName(): string;
}

/** Reads the common part of a request; engines before 3.140 leave type and name to the URN. */
export function resourceCall(request: ResourceRequest, signal: AbortSignal): ResourceCall {
  const urn = request.getUrn();
  const parts = urn.split('::');
  return {
    urn,
    type: request.getType() || (parts[2] ?? '').split('$').at(-1) || '',
    name: request.getName() || parts.slice(3).join('::'),
    signal,
  };
}
