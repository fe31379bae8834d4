import { Sign, toneOfPhase } from '../parts/state.js';
import { duration, useNow } from '../parts/time.js';
import type { Job, JobEvent, Phase } from '../shapes.js';
import { titles } from './titles.js';

/** The stack that a phase works on, whose resources are counted. */
const stackOf: Partial<Record<Phase['name'], string>> = { infrastructure: 'infrastructure', 'destroy-infrastructure': 'infrastructure', platform: 'platform' };

/** The phases of a job with how far each is. */
export function Phases({ job, events }: { readonly job: Job; readonly events: readonly JobEvent[] }) {
  const now = useNow(1000);
  const counted = resourcesByStack(events);
  return <ol class="phases">{job.phases.map((phase) => {
    const resources = counted.get(stackOf[phase.name] ?? '');
    return <li key={phase.name} class={phase.state}>
      <Sign tone={toneOfPhase(phase.state)} />
      <span class="phase-title">{titles[phase.name]} <span class="unseen">{phase.state}</span></span>
      <PhaseBar phase={phase} resources={resources} />
      <span class="phase-detail">{detailOf(phase, resources, now)}</span>
    </li>;
  })}</ol>;
}

interface Count { readonly done: number; readonly total: number }

function PhaseBar({ phase: { name, state }, resources }: { readonly phase: Phase; readonly resources: Count | undefined }) {
  const label = `Progress of: ${titles[name]}`;
  switch (state) {
    case 'succeeded': return <progress aria-label={label} max={100} value={100} />;
    case 'pending': case 'skipped': return <progress aria-label={label} max={100} value={0} />;
    case 'running': case 'failed': {
      const share = resources === undefined || resources.total === 0 ? undefined : Math.floor(100 * Math.min(1, resources.done / resources.total));
      return state === 'running' && share === undefined ? <progress aria-label={label} /> : <progress aria-label={label} max={100} value={share ?? 0} />;
    }
  }
}

function detailOf({ state, startedAt, endedAt }: Phase, resources: Count | undefined, now: number): string {
  const took = startedAt === null ? '' : duration((endedAt === null ? now : Date.parse(endedAt)) - Date.parse(startedAt));
  switch (state) {
    case 'pending': return '';
    case 'skipped': return 'not needed';
    case 'running': return resources === undefined ? took : `${resources.done} of ${resources.total} resources · ${took}`;
    case 'succeeded': case 'failed': return state === 'failed' ? `failed after ${took}` : took;
  }
}

/** How many resources of each stack are done, by the last event of each. */
function resourcesByStack(events: readonly JobEvent[]): ReadonlyMap<string, Count> {
  const found = new Map<string, Count>();
  for (const { event } of events) if (event.type === 'resource') found.set(event.stack.endsWith('-platform') ? 'platform' : 'infrastructure', { done: event.done, total: event.total });
  return found;
}

/** What a screen reader is told as the job goes on: phases and the end, not every resource. */
export function announcement(job: Job): string {
  switch (job.state) {
    case 'queued': return job.notBefore === undefined ? 'The job waits for a worker.' : 'The job waits for a maintenance window.';
    case 'cancelling': return 'The job is being cancelled.';
    case 'running': return job.phases.filter(({ state }) => state === 'running').map(({ name }) => `${titles[name]}.`).join(' ');
    case 'succeeded': return 'The job has succeeded.';
    case 'failed': return `The job has failed: ${job.error?.title ?? ''}.`;
    case 'cancelled': return 'The job was cancelled.';
  }
}
