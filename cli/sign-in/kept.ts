import { mkdir, readFile } from 'node:fs/promises';
import path from 'node:path';
import { z } from 'zod';
import { exitCodes } from '../exit-codes.js';
import { CommandFailure } from '../failure.js';
import { writePrivately } from '../private-file.js';
import { configurationFolder, type Environment } from '../settings.js';

const signInSchema = z.object({
  registration: z.object({ authority: z.string(), tenant: z.string(), client: z.string(), audience: z.string() }),
  user: z.string().optional(),
  accessToken: z.string(),
  refreshToken: z.string().optional(),
  /** When the access token ends, in milliseconds since the epoch. */
  expiresAt: z.number(),
});
/** Somebody's sign-in to one service. */
export type SignIn = z.output<typeof signInSchema>;

const fileSchema = z.record(z.string(), signInSchema);

/** What is kept of sign-ins, by the service's URL: a token is only ever sent to the service that it was made for. */
export class KeptSignIns {
  readonly file: string;

  constructor(environment: Environment) {
    this.file = path.join(configurationFolder(environment), 'sign-in.json');
  }

  async of(url: string): Promise<SignIn | undefined> {
    return (await this.all())[url];
  }

  async keep(url: string, signIn: SignIn): Promise<void> {
    await this.write({ ...(await this.all()), [url]: signIn });
  }

  /** Forgets a sign-in. @returns whether there was one */
  async forget(url: string): Promise<boolean> {
    const { [url]: gone, ...rest } = await this.all();
    if (gone !== undefined) await this.write(rest);
    return gone !== undefined;
  }

  private async all(): Promise<Record<string, SignIn>> {
    const text = await readFile(this.file, 'utf8').catch((error: unknown) => {
      if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return '{}';
      throw new CommandFailure(exitCodes.unexpected, `${this.file} cannot be read: ${error instanceof Error ? error.message : String(error)}`);
    });
    try {
      return fileSchema.parse(JSON.parse(text));
    } catch {
      throw new CommandFailure(exitCodes.unexpected, `${this.file} is damaged.`, 'Delete it and sign in again.');
    }
  }

  private async write(content: Record<string, SignIn>): Promise<void> {
    await mkdir(path.dirname(this.file), { recursive: true, mode: 0o700 });
    await writePrivately(this.file, `${JSON.stringify(content, null, 2)}\n`, { replace: true });
  }
}
