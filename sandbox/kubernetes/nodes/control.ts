import { z } from 'zod';
import type { ControlCalls } from '../../control.js';
import type { SimulatedNodes } from './index.js';

const editSchema = z.strictObject({ path: z.string().startsWith('/'), content: z.string().nullable() });

/** Calls about simulated nodes: `POST /nodes/NAME/files {path, content}` changes a file there behind everybody's back; a content of null removes it. */
export function nodeCalls(nodes: SimulatedNodes): ControlCalls {
  return (call) => {
    const node = /^POST \/nodes\/([^/]+)\/files$/.exec(call.route)?.[1];
    if (node === undefined) return undefined;
    return call.read(editSchema).then(({ path, content }) => {
      nodes.edit(decodeURIComponent(node), path, content);
      return { node: decodeURIComponent(node), path };
    });
  };
}
