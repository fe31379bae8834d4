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

/** Works plans out: one at a time, the last one asked for counts. */
export function usePreview(): { readonly preview: Preview; readonly ask: (submit: (signal: AbortSignal) => Promise<{ readonly job: Job }>) => void; readonly clear: () => void } {
  const { client } = useService();
  const [preview, setPreview] = useState<Preview>({ step: 'none' });
  const over = useRef(new AbortController());
  useEffect(() => () => over.current.abort(), []);
  const renew = (): AbortSignal => {
    over.current.abort();
    over.current = new AbortController();
    return over.current.signal;
  };
  const follow = async (submit: (signal: AbortSignal) => Promise<{ readonly job: Job }>, signal: AbortSignal): Promise<void> => {
    try {
      const { job } = await submit(signal);
      if (signal.aborted) return;
      setPreview({ step: 'working', job, doing: 'Waiting for a worker' });
      const done = await client.watchJob(job.id, { signal, onEvent: ({ event }) => { if (event.type === 'phase' && event.state === 'running') setPreview({ step: 'working', job, doing: event.title }); } });
      setPreview({ step: 'done', job: done });
    } catch (error) {
      if (!signal.aborted) setPreview({ step: 'refused', error });
    }
  };
  return {
    preview,
    ask: (submit) => {
      setPreview({ step: 'asking' });
      void follow(submit, renew());
    },
    clear: () => {
      renew();
      setPreview({ step: 'none' });
    },
  };
}

/** Whether a plan is there to be agreed to. */
export function isPlanned(preview: Preview): boolean {
  return preview.step === 'done' && preview.job.state === 'succeeded';
}
