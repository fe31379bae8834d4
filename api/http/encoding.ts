/** Forms in which a file can lie in a folder beside itself, and what its name has behind it then. */
export const suffixes = { br: '.br', gzip: '.gz', identity: '' } as const;
export type Encoding = keyof typeof suffixes;

/** The shortest form that a caller takes, by its `Accept-Encoding` (RFC 9110, 12.5.3). */
export function encodingFor(accepted: string | undefined): Encoding {
  const taken = (accepted ?? '').split(',').flatMap((part) => {
    const [name = '', ...parameters] = part.trim().toLowerCase().split(/\s*;\s*/);
    return parameters.some((parameter) => /^q=0(\.0{0,3})?$/.test(parameter)) ? [] : [name];
  });
  return (['br', 'gzip'] as const).find((encoding) => taken.includes(encoding)) ?? 'identity';
}
