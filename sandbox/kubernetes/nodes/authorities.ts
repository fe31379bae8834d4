import { existsSync } from 'node:fs';
import { readFile, writeFile } from 'node:fs/promises';
import { z } from 'zod';
import { CertificateAuthority } from '../pki.js';
import type { AuthorityEnds } from './expiries.js';

const keyPairSchema = z.object({ certificate: z.string(), key: z.string() });

/** The steps of `orders/authorities.sh` that change something for all, by how far a rotation is then; 0 is none. */
const stages = { add: 1, sign: 2, renew: 3, drop: 4 } as const;
const wordSchema = z.tuple([z.enum(['add', 'sign', 'renew', 'drop', 'publish', 'follow'])]);

const stateSchema = z.object({
  /** The one that has been there longest first. */
  pairs: z.array(keyPairSchema).min(1).max(2),
  stage: z.int().min(0).max(4),
  /** How far all control planes have followed. */
  reached: z.int().min(0).max(4),
  /** Nodes that have followed the stage. */
  followed: z.array(z.string()),
  /** When the second one was made, in milliseconds of the sandbox's clock. */
  addedAt: z.number().nullable(),
});
type State = z.infer<typeof stateSchema>;
/** A single pair is one that was never rotated. */
const fileSchema = stateSchema.or(keyPairSchema.transform((pair): State => ({ pairs: [pair], stage: 0, reached: 0, followed: [], addedAt: null })));

/** What orders may do to the authorities of a simulated cluster. */
export interface RotatedAuthorities {
  /** Does a step, or has a node follow it. Throws where the step comes too early, as the script does. Call `settle` then. */
  step(words: readonly string[], node: string, members: readonly string[], now: number): void;
  /** When those that control planes trust end, by whether they are to go. */
  ends(initialisedAt: number): AuthorityEnds;
}

const tenYearsMs = 10 * 365 * 24 * 3_600_000;

/** The authorities of one simulated cluster: one for API servers, clients, front proxy and etcd alike. The control planes, which are one here, go by them when all have followed. */
export class SimulatedAuthorities implements RotatedAuthorities {
  private constructor(private readonly file: string, private readonly cluster: string, private state: State, private known: readonly CertificateAuthority[]) {}

  /** Reads them from a file that only its owner reads, or makes the first one there. */
  static async open(file: string, cluster: string): Promise<SimulatedAuthorities> {
    const fresh = !existsSync(file);
    const state = fileSchema.parse(fresh ? await (await CertificateAuthority.create(cluster)).export() : JSON.parse(await readFile(file, 'utf8')));
    const authorities = new SimulatedAuthorities(file, cluster, state, await Promise.all(state.pairs.map((pair) => CertificateAuthority.import(pair))));
    if (fresh) await authorities.write();
    return authorities;
  }

  /** PEM of those that clients and servers are checked by. */
  get trusted(): string {
    return this.known.slice(0, this.state.reached === 0 ? 1 : 2).map(({ certificate }) => certificate.trimEnd()).join('\n');
  }

  /** The one that signs. */
  get signing(): CertificateAuthority {
    const authority = this.state.reached >= stages.renew ? this.known.at(-1) : this.known[0];
    if (authority === undefined) throw new Error('the cluster has no authority');
    return authority;
  }

  step(words: readonly string[], node: string, members: readonly string[], now: number): void {
    const [word] = wordSchema.parse(words);
    const { stage, reached } = this.state;
    if (word === 'publish') return;
    if (word === 'follow') {
      const followed = [...new Set([...this.state.followed, node])];
      this.state = { ...this.state, followed, reached: members.every((name) => followed.includes(name)) ? stage : reached };
      return;
    }
    // What is done already, and what comes after it was.
    if (stage >= stages[word] || (stage === 0 && word !== 'add')) return;
    if (stage < stages[word] - 1 || reached < stage) throw new Error(`not all control planes have followed what comes before "${word}"`);
    this.state = { ...this.state, stage: stages[word], followed: [], ...(word === 'add' ? { addedAt: now } : {}) };
  }

  ends(initialisedAt: number): AuthorityEnds {
    const { reached, addedAt } = this.state;
    const first = initialisedAt + tenYearsMs;
    return addedAt === null || reached === 0 ? { old: undefined, current: first } : { old: first, current: addedAt + tenYearsMs };
  }

  /** Makes the new one where it was asked for, and forgets the old one when all have. */
  async settle(): Promise<void> {
    const { pairs, stage, reached } = this.state;
    if (stage > 0 && pairs.length === 1) {
      const authority = await CertificateAuthority.create(this.cluster);
      this.known = [...this.known, authority];
      this.state = { ...this.state, pairs: [...pairs, await authority.export()] };
    }
    if (reached === stages.drop) {
      this.known = this.known.slice(-1);
      this.state = { pairs: this.state.pairs.slice(-1), stage: 0, reached: 0, followed: [], addedAt: null };
    }
    await this.write();
  }

  private async write(): Promise<void> {
    await writeFile(this.file, JSON.stringify(this.state), { mode: 0o600 });
  }
}
