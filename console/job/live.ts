import { useEffect, useState } from 'preact/hooks';
import { isFinished } from '../../client/index.js';
import { useService } from '../service.js';
import type { Job, JobEvent } from '../shapes.js';

/** A job as it goes on. */
export interface LiveJob {
  readonly job: Job | undefined;
  /** In the order in which they happened. */
  readonly events: readonly JobEvent[];
  readonly error: unknown;
  /** Whether the stream of events broke and is asked for again. */
  readonly interrupted: boolean;
  /** Looks at the job at once, as after a request of one's own. */
  readonly look: () => void;
}

/** The record is read at most this often while events come, in milliseconds; and without any this often. */
const lookMs = 500;
const quietLookMs = 5000;
/** Events are shown together at most this often: a stack has hundreds of them in a second. */
const showMs = 200;

/** Follows a job by its stream of events. They say what happens; the record, read again as they come, has the numbers. */
export function useLiveJob(id: string): LiveJob {
  const { client } = useService();
  const [job, setJob] = useState<Job>();
  const [events, setEvents] = useState<readonly JobEvent[]>([]);
  const [error, setError] = useState<unknown>();
  const [interrupted, setInterrupted] = useState(false);
  const [round, setRound] = useState(0);

  useEffect(() => {
    const over = new AbortController();
    const { signal } = over;
    let timer: ReturnType<typeof setTimeout> | undefined;
    let looked = 0;
    const look = async (): Promise<void> => {
      clearTimeout(timer);
      looked = Date.now();
      try {
        const current = await client.job(id, { signal });
        if (signal.aborted) return;
        setJob(current);
        setError(undefined);
        if (!isFinished(current.state)) timer = setTimeout(() => void look(), quietLookMs);
      } catch (problem) {
        if (signal.aborted) return;
        setError(problem);
        timer = setTimeout(() => void look(), quietLookMs);
      }
    };
    const soon = (): void => {
      clearTimeout(timer);
      timer = setTimeout(() => void look(), Math.max(0, looked + lookMs - Date.now()));
    };
    const all: JobEvent[] = [];
    let shown = 0;
    const shower = setInterval(() => {
      if (all.length === shown) return;
      shown = all.length;
      setEvents([...all]);
    }, showMs);
    const follow = async (): Promise<void> => {
      const stream = client.events(id, { signal, onInterruption: () => setInterrupted(true) });
      for await (const event of stream) {
        setInterrupted(false);
        all.push(event);
        soon();
      }
      // The last event is written with the record.
      if (!signal.aborted) soon();
    };
    void look();
    follow().catch((problem: unknown) => { if (!signal.aborted) setError(problem); });
    return () => {
      over.abort();
      clearTimeout(timer);
      clearInterval(shower);
    };
  }, [id, round]);

  return { job, events, error, interrupted, look: () => setRound((before) => before + 1) };
}
