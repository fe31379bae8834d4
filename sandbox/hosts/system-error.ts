/** Whether a call to this machine's kernel failed with one of these codes, such as `ENOENT`. */
export function failedWith(error: unknown, ...codes: readonly string[]): boolean {
  return error instanceof Error && 'code' in error && codes.some((code) => code === error.code);
}
