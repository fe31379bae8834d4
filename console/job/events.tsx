import { useState } from 'preact/hooks';
import type { JobEvent } from '../shapes.js';

/** So many are shown; the API has them all. */
const mostShown = 300;

/** What has happened, the newest first, so that nothing moves under who reads. */
export function Events({ events }: { readonly events: readonly JobEvent[] }) {
  const [everything, setEverything] = useState(false);
  const wanted = everything ? events : events.filter(({ event }) => event.type !== 'resource' || (event.state !== 'started' && event.op !== 'read'));
  const shown = wanted.slice(-mostShown).reverse();
  return <div>
    <label class="check"><input type="checkbox" checked={everything} onChange={(event) => setEverything(event.currentTarget.checked)} /> Show the beginning of each step too</label>
    {shown.length === 0 ? <p class="empty">Nothing has happened yet.</p> : <ol class="events" tabIndex={0} aria-label="Events, the newest first" role="list">{shown.map((event) => <li key={event.id} class={toneOf(event)}>
      <time dateTime={event.at} title={event.at}>{new Date(event.at).toLocaleTimeString('en-GB')}</time> <span>{textOf(event)}</span>
    </li>)}</ol>}
    {wanted.length > shown.length && <p class="hint">The {shown.length} newest of {wanted.length}.</p>}
  </div>;
}

function toneOf({ event }: JobEvent): string {
  switch (event.type) {
    case 'message': return event.severity === 'info' ? '' : event.severity === 'warning' ? 'warn' : 'bad';
    case 'phase': return event.state === 'failed' ? 'bad' : 'major';
    case 'state': return event.state === 'failed' ? 'bad' : 'major';
    case 'resource': return event.state === 'failed' ? 'bad' : '';
    case 'node': return '';
  }
}

function textOf({ event }: JobEvent): string {
  switch (event.type) {
    case 'state': return `Job ${event.state}${event.attempt > 1 ? ` (attempt ${event.attempt})` : ''}${event.error === null ? '' : `: ${event.error.title}`}`;
    case 'phase': return `${event.title}: ${event.state}`;
    case 'resource': return `${event.op} ${event.resourceType.split(':').at(-1) ?? event.resourceType} ${event.name}${event.state === 'succeeded' ? '' : ` ${event.state}`} (${event.done}/${event.total})`;
    case 'node': return `${event.node} (${event.role}): ${event.step}${event.message === null ? '' : `, ${event.message}`}`;
    case 'message': return `${event.severity === 'info' ? '' : `${event.severity}: `}${event.text}${event.resource === null ? '' : ` (${event.resource})`}`;
  }
}
