import { useEffect, useRef } from 'preact/hooks';
import { ProblemNotice } from '../parts/problem.js';
import { JobErrorNotice } from '../job/error.js';
import type { Plan } from '../shapes.js';
import { CostView } from './cost.js';
import type { Preview } from './preview.js';

const counts = [['create', 'to create'], ['update', 'to change'], ['replace', 'to replace'], ['delete', 'to delete'], ['same', 'stay as they are']] as const;

/** What a dry run has come to. Its result is read out, and gets into view. @param problems whether a refusal is shown here, and not by who asked */
export function PreviewView({ preview, heading = 'h3', problems = true }: { readonly preview: Preview; readonly heading?: 'h2' | 'h3'; readonly problems?: boolean }) {
  const place = useRef<HTMLDivElement>(null);
  useEffect(() => {
    if (preview.step === 'done') place.current?.scrollIntoView({ block: 'nearest' });
  }, [preview.step]);
  return <div ref={place} class="preview">
    <div role="status">
      {(preview.step === 'asking' || preview.step === 'working') && <p class="working"><progress aria-label="Working out the plan" />{preview.step === 'asking' ? 'Asking for the plan' : preview.doing}…</p>}
      {preview.step === 'done' && preview.job.state === 'succeeded' && <p class="unseen">The plan is there.</p>}
    </div>
    {preview.step === 'refused' && problems && <ProblemNotice error={preview.error} />}
    {preview.step === 'done' && (preview.job.plan ? <PlanView plan={preview.job.plan} heading={heading} /> : <JobErrorNotice error={preview.job.error} />)}
  </div>;
}

/** What would change: how many, of which types, which, and what it costs. @param heading level of the heading that it gets; none where it stands under one */
export function PlanView({ plan, heading: Heading }: { readonly plan: Plan; readonly heading?: 'h2' | 'h3' }) {
  const types = [...byType(plan.changes)].map(([key, changes]) => ({ key, changes, first: changes[0] }));
  const declared = plan.stacks.filter(({ basis }) => basis === 'declared');
  return <div class="plan">
    {Heading !== undefined && <Heading>Plan</Heading>}
    <dl class="counts">{counts.map(([op, text]) => <div key={op} class={plan[op] > 0 ? `count ${op}` : 'count none'}><dt>{text}</dt><dd>{plan[op]}</dd></div>)}</dl>
    <CostView plan={plan} />
    {plan.changes.length === 0
      ? <p>Nothing would change in the cloud or in the cluster.</p>
      : <details>
        <summary>{plan.changes.length} resources by type</summary>
        <ul class="changes">{types.map(({ key, changes, first }) => first && <li key={key}>
          <details>
            <summary><span class={`op ${first.op}`}>{first.op}</span> <code>{first.type}</code> <span class="faint">× {changes.length}</span></summary>
            <ul>{changes.map(({ name, properties }) => <li key={name}><code>{name}</code>{properties.length > 0 && <span class="faint"> {properties.join(', ')}</span>}</li>)}</ul>
          </details>
        </li>)}</ul>
      </details>}
    {declared.length > 0 && <p class="hint">{declared.map(({ name }) => name).join(' and ')}: read from the program, since what it would change does not exist yet.</p>}
  </div>;
}

function byType(changes: Plan['changes']): ReadonlyMap<string, Plan['changes']> {
  const groups = new Map<string, Plan['changes']>();
  for (const change of changes) {
    const key = `${change.op} ${change.type}`;
    groups.set(key, [...(groups.get(key) ?? []), change]);
  }
  return groups;
}
