import type { IncomingMessage } from 'node:http';

/** One request as every data plane gets it. */
export interface WireRequest {
  readonly method: string;
  readonly url: URL;
  readonly headers: IncomingMessage['headers'];
  readonly body: Buffer;
  /** From the signature's credential scope. */
  readonly region: string;
}

export interface WireResponse {
  readonly status: number;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string | Buffer;
}

/** Escapes text for XML. */
export function xml(content: string): string {
  return content.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;').replaceAll('"', '&quot;');
}

/** An element with text or with elements made by this function; undefined leaves it out. */
export function element(name: string, content: string | number | boolean | undefined, kind: 'text' | 'elements' = 'text'): string {
  if (content === undefined) return '';
  return `<${name}>${kind === 'text' ? xml(String(content)) : String(content)}</${name}>`;
}
