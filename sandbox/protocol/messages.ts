import { createRequire } from 'node:module';
import type * as anyTypes from 'google-protobuf/google/protobuf/any_pb.js';
import type * as emptyTypes from 'google-protobuf/google/protobuf/empty_pb.js';
import type * as structTypes from 'google-protobuf/google/protobuf/struct_pb.js';

/**
 * The well-known protobuf messages, taken from the very copy of google-protobuf that Pulumi's generated code uses: that
 * code checks arguments by `instanceof`, and another copy in the dependency tree would fail it.
 */
const fromPulumi = createRequire(import.meta.resolve('@pulumi/pulumi/package.json'));

export const structs = fromPulumi('google-protobuf/google/protobuf/struct_pb.js') as typeof structTypes;
export const empties = fromPulumi('google-protobuf/google/protobuf/empty_pb.js') as typeof emptyTypes;
export const anys = fromPulumi('google-protobuf/google/protobuf/any_pb.js') as typeof anyTypes;
