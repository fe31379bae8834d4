import { useState } from 'preact/hooks';
import { ActionButton, useAction } from '../parts/action.js';
import { Dialog } from '../parts/dialog.js';
import { ProblemNotice } from '../parts/problem.js';
import { useService } from '../service.js';
import type { Job } from '../shapes.js';

/** Ends a job: first in order; by force only as a second step, once the first was taken. */
export function CancelButton({ job, onDone }: { readonly job: Job; readonly onDone: () => void }) {
  const [open, setOpen] = useState(false);
  const close = () => setOpen(false);
  const done = () => {
    close();
    onDone();
  };
  const forced = job.cancellation?.force === true;
  if (forced) return null;
  const force = job.state === 'cancelling';
  return <>
    <button type="button" class="danger" onClick={() => setOpen(true)}>{force ? 'Force the end…' : 'Cancel…'}</button>
    {open && (force ? <ForceDialog job={job} onClose={close} onDone={done} /> : <CancelDialog job={job} onClose={close} onDone={done} />)}
  </>;
}

interface DialogProps { readonly job: Job; readonly onClose: () => void; readonly onDone: () => void }

function CancelDialog({ job, onClose, onDone }: DialogProps) {
  const { client } = useService();
  const action = useAction(async () => {
    await client.cancelJob(job.id);
    onDone();
  });
  return <Dialog title="Cancel the job?" onClose={onClose}>
    <p>{job.state === 'queued' ? 'It has not begun, and changes nothing then.' : 'What it is doing at this moment is finished first; nothing more is begun. What exists stays, and costs, until the cluster is completed or deleted.'}</p>
    <ProblemNotice error={action.error} />
    <div class="choices"><ActionButton action={action} kind="danger">Cancel the job</ActionButton><button type="button" onClick={onClose}>Let it go on</button></div>
  </Dialog>;
}

function ForceDialog({ job, onClose, onDone }: DialogProps) {
  const { client } = useService();
  const [understood, setUnderstood] = useState(false);
  const action = useAction(async () => {
    await client.cancelJob(job.id, { force: true });
    onDone();
  });
  return <Dialog title="Force the end?" onClose={onClose}>
    <p>The operation is killed once the grace period since the first request has passed. What was under way may be half done: the cluster needs a repair then. This cannot be taken back.</p>
    <label class="check"><input type="checkbox" checked={understood} onChange={(event) => setUnderstood(event.currentTarget.checked)} /> I know that {job.cluster} needs a repair afterwards</label>
    <ProblemNotice error={action.error} />
    <div class="choices"><ActionButton action={action} kind="danger" unavailable={!understood}>Force the end</ActionButton><button type="button" onClick={onClose}>Go on waiting</button></div>
  </Dialog>;
}
