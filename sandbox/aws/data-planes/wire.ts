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

export { element, xml } from '../../xml.js';
