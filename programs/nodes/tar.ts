import type { NodeFile } from './templates.js';

const blockSize = 512;
/** The same for every file, so that the same files are the same bytes. Not zero: tar warns of what is that old. */
const modifiedAt = Date.UTC(2024, 0, 1) / 1000;

/**
 * Files as an archive that `tar` unpacks below the root: POSIX.1-1988 (ustar), owned by root, uncompressed, as compressors differ from one machine to the next and
 * the archive is named after its bytes. https://www.gnu.org/software/tar/manual/html_node/Standard.html
 */
export function tarOf(files: readonly NodeFile[]): Buffer {
  return Buffer.concat([...files.flatMap(entry), Buffer.alloc(2 * blockSize)]);
}

function entry({ path, mode, content }: NodeFile): Buffer[] {
  const body = Buffer.from(content);
  return [header(path.replace(/^\//, ''), mode, body.length), body, Buffer.alloc((blockSize - (body.length % blockSize)) % blockSize)];
}

function header(name: string, mode: string, size: number): Buffer {
  if (Buffer.byteLength(name) > 100) throw new RangeError(`the name of ${name} is too long for an archive`);
  const block = Buffer.alloc(blockSize);
  const octal = (value: number, digits: number): string => value.toString(8).padStart(digits, '0');
  const fields: readonly (readonly [offset: number, text: string])[] = [
    [0, name], [100, mode.padStart(7, '0')], [108, octal(0, 7)], [116, octal(0, 7)], [124, octal(size, 11)], [136, octal(modifiedAt, 11)],
    // The sum is made while its own field is blank; 0 is an ordinary file.
    [148, ' '.repeat(8)], [156, '0'], [257, 'ustar\u000000'], [265, 'root'], [297, 'root'],
  ];
  for (const [offset, text] of fields) block.write(text, offset, 'latin1');
  const sum = block.reduce((total, byte) => total + byte, 0);
  block.write(`${octal(sum, 6)}\u0000 `, 148, 'latin1');
  return block;
}
