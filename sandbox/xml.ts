/** Escapes text for XML. */
export function xml(content: string): string {
  return content.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;').replaceAll('"', '&quot;');
}

/** An element with text or with elements made by this function; undefined leaves it out. */
export function element(name: string, content: string | number | boolean | undefined, kind: 'text' | 'elements' = 'text'): string {
  if (content === undefined) return '';
  return `<${name}>${kind === 'text' ? xml(String(content)) : String(content)}</${name}>`;
}
