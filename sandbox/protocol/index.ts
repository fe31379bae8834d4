/**
 * Pulumi's ResourceProvider protocol for emulated providers: implement `EmulatedProvider`, pass it to `serveProvider`.
 */
export { compareInputs, sameValue } from './differences.js';
export { PartialCreation } from './errors.js';
export type * from './provider.js';
export { serveProvider, type ServedProvider } from './server.js';
export { hasUnknown, UNKNOWN } from './values.js';
