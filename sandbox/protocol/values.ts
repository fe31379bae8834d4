import type * as structTypes from 'google-protobuf/google/protobuf/struct_pb.js';
import { structs } from './messages.js';

/** Stands for a value that a preview cannot know yet. */
export const UNKNOWN: unique symbol = Symbol('unknown');

/** A property as plain data: secrets unwrapped, resource references turned into ids, unknowns as `UNKNOWN`. */
export type PropertyValue = null | boolean | number | string | typeof UNKNOWN | PropertyValue[] | PropertyMap;
export interface PropertyMap {
  [name: string]: PropertyValue;
}

/** Which parts of a value are secret: all of it, or some members. */
export type Secrecy = true | ReadonlyMap<string, Secrecy>;

/** A decoded value together with what is secret in it. */
export interface Decoded<T> {
  readonly value: T;
  readonly secrecy: Secrecy | undefined;
}

// Fixed markers of Pulumi's wire format (sdk/proto and sdk/go/common/resource/plugin/rpc.go).
const signature = '4dabf18193072939515e22adb298388d';
const secretSignature = '1b47061264138c4ac30d75fd1eb44270';
const referenceSignature = '5cf8f73096256a8f31e491e813e4eb8e';
const outputSignature = 'd0e6a833031e9bbcd3f4e8bde6ca49a4';
const unknownText = '04da6b54-80e4-46f7-96ec-b56ff0331ba9';
const unknownTexts = new Set([
  unknownText,
  '1c4a061d-8072-4f0a-a4cb-0ff528b18fe7',
  '3eeb2bf0-c639-47a8-9e75-3b44932eb421',
  '6a19a0b0-7e62-4c92-b797-7f8e31da9cc2',
  '030794c1-ac77-496b-92df-f27374a8bd58',
  'e48ece36-62e2-4504-bad9-02848725956a',
  'dd056dcd-154b-4c76-9bd3-c8f88648b5ff',
]);

const unknownValue: Decoded<PropertyValue> = { value: UNKNOWN, secrecy: undefined };

/** Decodes a message into plain data. Properties that are null are left out, as providers treat both alike. */
export function decode(message: structTypes.Struct | undefined): Decoded<PropertyMap> {
  if (message === undefined) return { value: {}, secrecy: undefined };
  const decoded = decodeMembers(message);
  return { value: decoded.value, secrecy: decoded.secrecy };
}

function decodeMembers(message: structTypes.Struct): Decoded<PropertyMap> {
  const value: PropertyMap = {};
  const secrecy = new Map<string, Secrecy>();
  message.getFieldsMap().forEach((member: structTypes.Value, name: string) => {
    const decoded = decodeValue(member);
    if (decoded.value === null) return;
    value[name] = decoded.value;
    if (decoded.secrecy !== undefined) secrecy.set(name, decoded.secrecy);
  });
  return { value, secrecy: secrecy.size > 0 ? secrecy : undefined };
}

function decodeValue(message: structTypes.Value): Decoded<PropertyValue> {
  const kinds = structs.Value.KindCase;
  switch (message.getKindCase()) {
    case kinds.BOOL_VALUE:
      return { value: message.getBoolValue(), secrecy: undefined };
    case kinds.NUMBER_VALUE:
      return { value: message.getNumberValue(), secrecy: undefined };
    case kinds.STRING_VALUE: {
      const text = message.getStringValue();
      return { value: unknownTexts.has(text) ? UNKNOWN : text, secrecy: undefined };
    }
    case kinds.LIST_VALUE:
      return decodeList(message.getListValue()?.getValuesList() ?? []);
    case kinds.STRUCT_VALUE:
      return decodeStruct(message.getStructValue());
    case kinds.NULL_VALUE:
    case kinds.KIND_NOT_SET:
      return { value: null, secrecy: undefined };
  }
}

function decodeList(members: readonly structTypes.Value[]): Decoded<PropertyValue> {
  const secrecy = new Map<string, Secrecy>();
  const value = members.map((member, index) => {
    const decoded = decodeValue(member);
    if (decoded.secrecy !== undefined) secrecy.set(String(index), decoded.secrecy);
    return decoded.value;
  });
  return { value, secrecy: secrecy.size > 0 ? secrecy : undefined };
}

function decodeStruct(message: structTypes.Struct | undefined): Decoded<PropertyValue> {
  if (message === undefined) return { value: {}, secrecy: undefined };
  const fields = message.getFieldsMap();
  const mark = fields.get(signature)?.getStringValue();
  if (mark === undefined) return decodeMembers(message);
  const inner = fields.get('value');
  switch (mark) {
    case secretSignature:
      return { value: inner === undefined ? null : decodeValue(inner).value, secrecy: true };
    case outputSignature: {
      const decoded = inner === undefined ? unknownValue : decodeValue(inner);
      return fields.get('secret')?.getBoolValue() === true ? { value: decoded.value, secrecy: true } : decoded;
    }
    case referenceSignature: {
      const id = fields.get('id');
      return id === undefined ? unknownValue : decodeValue(id);
    }
    default: // Assets and archives: the text of an asset is all that the emulated types could use.
      return { value: fields.get('text')?.getStringValue() ?? '', secrecy: undefined };
  }
}

/** Encodes plain data, marking as secret what `secrecy` says. */
export function encode(value: PropertyMap, secrecy?: Secrecy): structTypes.Struct {
  return structs.Struct.fromJavaScript(wireMembers(value, secrecy));
}

/** A value in the JSON form of the wire format. */
type WireValue = null | boolean | number | string | WireValue[] | { [name: string]: WireValue };

function wireMembers(value: PropertyMap, secrecy: Secrecy | undefined): { [name: string]: WireValue } {
  const wire: { [name: string]: WireValue } = {};
  for (const [name, member] of Object.entries(value)) {
    if (member === undefined) continue;
    wire[name] = wireValue(member, secrecy === true || secrecy === undefined ? undefined : secrecy.get(name));
  }
  return wire;
}

function wireValue(value: PropertyValue, secrecy: Secrecy | undefined): WireValue {
  if (secrecy === true) return { [signature]: secretSignature, value: wireValue(value, undefined) };
  if (value === UNKNOWN) return unknownText;
  if (value === null || typeof value !== 'object') return value;
  if (Array.isArray(value)) return value.map((member, index) => wireValue(member, secrecy?.get(String(index))));
  return wireMembers(value, secrecy);
}

/** Adds whole top-level properties to what is secret. */
export function withSecrets(secrecy: Secrecy | undefined, names: readonly string[] = []): Secrecy | undefined {
  if (secrecy === true || names.length === 0) return secrecy;
  return new Map([...(secrecy ?? []), ...names.map((name): [string, Secrecy] => [name, true])]);
}

/** Whether any part of the value is not known yet. */
export function hasUnknown(value: PropertyValue | undefined): boolean {
  if (value === UNKNOWN) return true;
  if (value === undefined || value === null || typeof value !== 'object') return false;
  return (Array.isArray(value) ? value : Object.values(value)).some(hasUnknown);
}
