import type { Addon, Cluster, Condition, Job, Phase } from '../shapes.js';

/** How something is. Each has a sign and a colour of its own, beside its word. */
export type Tone = 'good' | 'busy' | 'warn' | 'bad' | 'idle';

const signs: Readonly<Record<Tone, string>> = {
  good: 'M4 8.500 7 11.500 12.500 5',
  busy: 'M8 3a5 5 0 1 1-4.700 3.300M3 3v3.500h3.500',
  warn: 'M8 4v5M8 11.700v.6',
  bad: 'M4.500 4.500l7 7M11.500 4.500l-7 7',
  idle: 'M4 8h8',
};

/** A state as a word with a sign. */
export function State({ tone, children }: { readonly tone: Tone; readonly children: string }) {
  return <span class={`state ${tone}`}><Sign tone={tone} />{children}</span>;
}

/** The sign of a tone, for those who see it. */
export function Sign({ tone }: { readonly tone: Tone }) {
  return <svg class={`sign ${tone}`} viewBox="0 0 16 16" width="16" height="16" aria-hidden="true" focusable="false"><path d={signs[tone]} /></svg>;
}

/** A cluster's state. */
export function ClusterState({ state }: { readonly state: Cluster['state'] }) {
  return <State tone={toneOfCluster(state)}>{state}</State>;
}

/** A job's state. */
export function JobState({ state }: { readonly state: Job['state'] }) {
  return <State tone={toneOfJob(state)}>{state}</State>;
}

/** How a cluster in this state is. */
export function toneOfCluster(state: Cluster['state']): Tone {
  switch (state) {
    case 'ready': return 'good';
    case 'provisioning': case 'updating': case 'deleting': return 'busy';
    case 'hibernated': return 'idle';
    case 'needs-repair': return 'warn';
    case 'failed': return 'bad';
  }
}

/** How a job in this state is. */
export function toneOfJob(state: Job['state']): Tone {
  switch (state) {
    case 'succeeded': return 'good';
    case 'running': return 'busy';
    case 'queued': return 'idle';
    case 'cancelling': case 'cancelled': return 'warn';
    case 'failed': return 'bad';
  }
}

/** How a phase in this state is. */
export function toneOfPhase(state: Phase['state']): Tone {
  switch (state) {
    case 'succeeded': return 'good';
    case 'running': return 'busy';
    case 'pending': case 'skipped': return 'idle';
    case 'failed': return 'bad';
  }
}

/** How an add-on in this state is. */
export function toneOfAddon(state: Addon['state']): Tone {
  switch (state) {
    case 'deployed': return 'good';
    case 'pending': return 'busy';
    case 'degraded': return 'warn';
    case 'failed': return 'bad';
    case 'stand-in': case 'skipped': return 'idle';
  }
}

/** Of most conditions `True` is good; that a deletion is incomplete is not. */
export function toneOfCondition({ type, status }: Pick<Condition, 'type' | 'status'>): Tone {
  if (status === 'Unknown') return 'idle';
  return (status === 'True') === (type !== 'DeletionIncomplete') ? 'good' : 'bad';
}
