import { readFile } from 'node:fs/promises';
import { parse } from 'yaml';
import { parseAccounts, type Accounts } from '../model/accounts.js';
import { ClusterwrightError } from '../model/errors.js';

/** Reads and checks the accounts file. Throws `accounts-invalid` with every fault, or with what kept it from being read. */
export async function loadAccounts(file: string): Promise<Accounts> {
  let document: unknown;
  try {
    document = parse(await readFile(file, 'utf8'));
  } catch (error) {
    const reason = error instanceof Error && 'code' in error && error.code === 'ENOENT' ? 'does not exist' : 'is not readable YAML';
    throw new ClusterwrightError('accounts-invalid', `The accounts file ${file} ${reason}.`, { resource: file, cause: error });
  }
  return parseAccounts(document, file);
}
