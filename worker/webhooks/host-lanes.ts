/** Bounds how many requests go to one host at once: one that is slow must not hold up the others. */
export class HostLanes {
  readonly #taken = new Map<string, number>();

  constructor(private readonly limit: number) {}

  /** Takes a lane to a host; answers what gives it back, or undefined where all are taken. */
  enter(host: string): (() => void) | undefined {
    const taken = this.#taken.get(host) ?? 0;
    if (taken >= this.limit) return undefined;
    this.#taken.set(host, taken + 1);
    return () => {
      const left = (this.#taken.get(host) ?? 1) - 1;
      if (left > 0) this.#taken.set(host, left);
      else this.#taken.delete(host);
    };
  }
}
