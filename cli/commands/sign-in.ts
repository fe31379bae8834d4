import { Command } from 'commander';
import type { Open } from '../context.js';
import { refuseInTheClear } from '../settings.js';
import { byDeviceCode, registrationFrom } from '../sign-in/entra.js';
import { KeptSignIns } from '../sign-in/kept.js';
import { signInOf } from '../sign-in/token-source.js';

interface LoginOptions {
  readonly tenant?: string;
  readonly client?: string;
  readonly audience?: string;
  readonly authority?: string;
}

/** `login`: signs a person in to a service by a device code, and keeps that for the commands that follow. */
export function loginCommand(open: Open): Command {
  return new Command('login').description('sign in with Microsoft Entra ID, in a browser on any device')
    .option('--tenant <id>', 'the tenant; CLUSTERWRIGHT_ENTRA_TENANT without it')
    .option('--client <id>', 'client id of this program\'s registration; CLUSTERWRIGHT_CLIENT_ID without it')
    .option('--audience <id>', 'client id of the service\'s registration; CLUSTERWRIGHT_ENTRA_AUDIENCE without it, or the same as --client')
    .option('--authority <url>', 'of a national cloud; CLUSTERWRIGHT_ENTRA_AUTHORITY without it')
    .action(async ({ tenant, client, audience, authority }: LoginOptions, command: Command) => {
      const { url, signal, say } = open(command);
      refuseInTheClear(url, 'A token');
      const registration = registrationFrom({ ...(tenant && { tenant }), ...(client && { client }), ...(audience && { audience }), ...(authority && { authority }) }, process.env);
      const tokens = await byDeviceCode(registration, ({ url: page, code }) => {
        say(`Open ${page} in a browser and enter the code ${code}`);
      }, signal);
      await new KeptSignIns(process.env).keep(url, signInOf(registration, tokens, Date.now()));
      say(`Signed in to ${url}${tokens.user === undefined ? '' : ` as ${tokens.user}`}`);
    });
}

/** `logout`: forgets a sign-in. */
export function logoutCommand(open: Open): Command {
  return new Command('logout').description('forget the sign-in to the service').action(async (_options: unknown, command: Command) => {
    const { url, say } = open(command);
    say(await new KeptSignIns(process.env).forget(url) ? `Signed out of ${url}` : `Nobody was signed in to ${url}`);
  });
}
