import { setTimeout as wait } from 'node:timers/promises';

/** Reads a job's events live, from the first on, over all outages: it resumes behind the last id it has seen, as a portal would. */
export class LiveReader {
  readonly ids: string[] = [];
  readonly #stopping = new AbortController();
  readonly #done: Promise<void>;

  /** @param url gives the service's address, which changes with a restart */
  constructor(private readonly url: () => string, private readonly jobId: string) {
    this.#done = this.#follow();
  }

  /** Resolves when the stream has ended by itself; after `limitMs` it is cut. */
  async ended(limitMs: number): Promise<void> {
    await Promise.race([this.#done, wait(limitMs, undefined, { ref: false })]);
    this.#stopping.abort();
    await this.#done;
  }

  async #follow(): Promise<void> {
    while (!this.#stopping.signal.aborted) {
      if (await this.#connection().catch(() => false)) return;
      await wait(100);
    }
  }

  /** One connection; true when the stream ended with the job. */
  async #connection(): Promise<boolean> {
    const last = this.ids.at(-1);
    const answer = await fetch(`${this.url()}/jobs/${this.jobId}/events`, {
      headers: { accept: 'text/event-stream', ...(last === undefined ? {} : { 'last-event-id': last }) },
      signal: this.#stopping.signal,
    });
    if (!answer.ok || answer.body === null) return false;
    let finished = false;
    let rest = '';
    for await (const chunk of answer.body.pipeThrough(new TextDecoderStream())) {
      const blocks = (rest + chunk).split('\n\n');
      rest = blocks.pop() ?? '';
      for (const block of blocks) {
        const id = /^id: ?(.+)$/m.exec(block)?.[1];
        if (id === undefined) continue;
        this.ids.push(id);
        finished ||= /"type":"state","state":"(succeeded|failed|cancelled)"/.test(block);
      }
    }
    return finished;
  }
}
