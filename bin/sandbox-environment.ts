import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { z } from 'zod';
import { ClusterwrightError } from '../model/errors.js';

/** What a sandbox says when it is ready, on its output and in `sandbox.json`. */
export const sandboxAnnouncementSchema = z.object({
  pid: z.int(),
  control: z.url(),
  providers: z.record(z.string(), z.int()),
  environment: z.record(z.string(), z.string()),
});
export type SandboxAnnouncement = z.infer<typeof sandboxAnnouncementSchema>;

/** What leads production code to a sandbox: the providers' ports, and the clouds' endpoints and identities as their clients look for them. Nothing else does. */
export function environmentOf({ providers, environment }: SandboxAnnouncement): Record<string, string> {
  return { PULUMI_DEBUG_PROVIDERS: Object.entries(providers).map(([name, port]) => `${name}:${port}`).join(','), ...environment };
}

/** The environment of the sandbox that runs in a home. Throws `prerequisite-missing` where none does. */
export async function sandboxEnvironment(home: string): Promise<Record<string, string>> {
  const file = path.join(home, 'sandbox.json');
  const announcement = await readFile(file, 'utf8').then((text) => sandboxAnnouncementSchema.parse(JSON.parse(text))).catch(() => undefined);
  const answers = announcement && (await fetch(`${announcement.control}/faults`).then((answer) => answer.ok, () => false));
  if (!announcement || !answers) {
    throw new ClusterwrightError('prerequisite-missing', `No sandbox runs in ${home}.`, { hint: 'Start the service there with "npm start", or set CLUSTERWRIGHT_CLOUD=live.' });
  }
  return environmentOf(announcement);
}
