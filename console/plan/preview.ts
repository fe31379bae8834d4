import { useEffect, useRef, useState } from 'preact/hooks';
import { useService } from '../service.js';
import type { Job } from '../shapes.js';

/** A dry run on its way to a plan. */
export type Preview =
  | { readonly step: 'none' }
  | { readonly step: 'asking' }
  /** @property doing what the service is at, in words */
  | { readonly step: 'working'; readonly job: Job; readonly doing: string }
  /** The job may have failed. */
  | { readonly step: 'done'; readonly job: Job }
  | { readonly step: 'refused'; readonly error: unknown };

type Submit = (signal: AbortSignal) => Promise<{ readonly job: Job }>;

/** Works plans out, one at a time. */
export interface Previews {
  readonly preview: Preview;
  /** Asks for a plan by a dry run. False, and nothing is asked for, while one is under way: a second click does nothing. */
  readonly ask: (submit: Submit) => boolean;
  /** Forgets the plan, and whatever is under way. */
  readonly clear: () => void;
}

/** Works out plans for whoever uses it. */
export function usePreview(): Previews {
  const { client } = useService();
  const [preview, setPreview] = useState<Preview>({ step: 'none' });
  const over = useRef(new AbortController());
  // What was rendered last may be from before the first of two clicks.
  const underWay = useRef(false);
  useEffect(() => () => over.current.abort(), []);
  const renew = (): AbortSignal => {
    over.current.abort();
    over.current = new AbortController();
    return over.current.signal;
  };
  const follow = async (submit: Submit, signal: AbortSignal): Promise<void> => {
    try {
      const { job } = await submit(signal);
      if (signal.aborted) return;
      setPreview({ step: 'working', job, doing: 'Waiting for a worker' });
      const done = await client.watchJob(job.id, { signal, onEvent: ({ event }) => { if (event.type === 'phase' && event.state === 'running') setPreview({ step: 'working', job, doing: event.title }); } });
      setPreview({ step: 'done', job: done });
    } catch (error) {
      if (!signal.aborted) setPreview({ step: 'refused', error });
    } finally {
      if (!signal.aborted) underWay.current = false;
    }
  };
  return {
    preview,
    ask: (submit) => {
      if (underWay.current) return false;
      underWay.current = true;
      setPreview({ step: 'asking' });
      void follow(submit, renew());
      return true;
    },
    clear: () => {
      renew();
      underWay.current = false;
      setPreview({ step: 'none' });
    },
  };
}

/** Whether a plan is there to be agreed to. */
export function isPlanned(preview: Preview): boolean {
  return preview.step === 'done' && preview.job.state === 'succeeded';
}
