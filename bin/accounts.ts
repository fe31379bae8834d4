import { parseAccounts, type Accounts } from '../model/accounts.js';
import { readYaml } from './yaml-file.js';

/** Reads and checks the accounts file. Throws `accounts-invalid` with every fault, or with what kept it from being read. */
export async function loadAccounts(file: string): Promise<Accounts> {
  return parseAccounts(await readYaml(file, 'accounts-invalid', 'The accounts file'), file);
}
