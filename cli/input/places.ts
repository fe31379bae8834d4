import { isCollection, isMap, isNode, isScalar, type Document } from 'yaml';

/**
 * Where in a document's text something is: its key, or the item of a list.
 * @param pointer JSON pointer (RFC 6901)
 * @returns the offset; that of what it would lie in where the field itself is missing; undefined where neither is there, or came from elsewhere than the text
 */
export function placeOf(document: Document, pointer: string): number | undefined {
  const path = pointer.split('/').slice(1).map((part) => part.replaceAll('~1', '/').replaceAll('~0', '~'));
  if (path.length === 0) return offsetOf(document.contents);
  return at(document.contents, path) ?? (path.length > 1 ? at(document.contents, path.slice(0, -1)) : undefined);
}

function at(node: unknown, [key = '', ...rest]: readonly string[]): number | undefined {
  if (!isCollection(node)) return undefined;
  if (rest.length > 0) return at(node.get(isMap(node) ? key : Number(key), true), rest);
  if (!isMap(node)) return offsetOf(node.get(Number(key), true));
  return offsetOf(node.items.find((item) => isScalar(item.key) && String(item.key.value) === key)?.key);
}

function offsetOf(node: unknown): number | undefined {
  return isNode(node) ? node.range?.[0] : undefined;
}
