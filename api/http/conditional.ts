import { createHash } from 'node:crypto';
import { z } from 'zod';
import { ClusterwrightError } from '../../model/errors.js';

/** The ETag of a cluster: its version. */
export function versionTag(version: number): string {
  return `"${version}"`;
}

/** The ETag of a representation: a hash of its bytes. */
export function contentTag(content: string): string {
  return `"${createHash('sha1').update(content).digest('base64url')}"`;
}

const strongTag = '"[\\x21\\x23-\\x7e]*"';
const ifMatchPattern = new RegExp(`^(\\*|${strongTag}(\\s*,\\s*${strongTag})*)$`);

/** `If-Match`: `*` or strong entity tags; weak ones cannot match by definition (RFC 9110, 13.1.1) and are refused to tell the caller so. */
export const ifMatchSchema = z.string().max(4096).regex(ifMatchPattern, 'must be * or one or more strong entity tags such as "3"');

/** Throws `precondition-failed` where `If-Match` names other versions than the current one. */
export function checkIfMatch(ifMatch: string | undefined, version: number): void {
  if (ifMatch === undefined || ifMatch === '*') return;
  const given = ifMatch.split(',').map((tag) => tag.trim());
  if (!given.includes(versionTag(version))) {
    throw new ClusterwrightError('precondition-failed', `The cluster is at version ${version}; If-Match does not name it.`);
  }
}

/** Whether `If-None-Match` names the tag; the comparison is weak (RFC 9110, 13.1.2). A malformed header matches nothing. */
export function matchesNone(ifNoneMatch: string | undefined, tag: string): boolean {
  if (ifNoneMatch === undefined) return false;
  return ifNoneMatch.trim() === '*' || ifNoneMatch.split(',').some((given) => given.trim().replace(/^W\//, '') === tag);
}
