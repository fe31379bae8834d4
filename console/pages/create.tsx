import { useRef, useState } from 'preact/hooks';
import { Problem, type Fault } from '../../client/index.js';
import { draftOf, hasField, requestOf, type Draft } from '../create/draft.js';
import { FaultSummary, type FaultsAt } from '../create/faults.js';
import { advancedPlace, CreateFields } from '../create/form.js';
import { ActionButton, useAction } from '../parts/action.js';
import { useLoaded } from '../parts/loaded.js';
import { Page } from '../parts/page.js';
import { ProblemNotice } from '../parts/problem.js';
import { isPlanned, usePreview } from '../plan/preview.js';
import { PreviewView } from '../plan/view.js';
import { at, go } from '../route.js';
import { useService } from '../service.js';
import type { Template } from '../shapes.js';

/** Asks for a new cluster: the form, then its plan, then the request. */
export function CreatePage() {
  const { client } = useService();
  const templates = useLoaded((signal) => client.templates({ signal }), []);
  return <Page title="Create a cluster">
    {templates.value === undefined
      ? templates.error === undefined ? <p class="empty" role="status">Reading the templates…</p> : <ProblemNotice error={templates.error} />
      : <CreateForm templates={templates.value} />}
  </Page>;
}

function CreateForm({ templates }: { readonly templates: readonly Template[] }) {
  const { client } = useService();
  const first = templates.find(({ name }) => name === 'production') ?? templates[0];
  const [draft, setDraft] = useState<Draft | undefined>(() => first && draftOf(first));
  const [wrongJson, setWrongJson] = useState<string>();
  const { preview, ask, clear } = usePreview();
  // One key a plan that was agreed to: however often it is sent, one cluster comes of it.
  const key = useRef('');
  const create = useAction(async () => {
    const { request } = draft === undefined ? {} : requestOf(draft);
    if (request === undefined) return;
    const { job } = await client.createCluster(request, { idempotencyKey: key.current });
    go(at.job(job.id));
  });
  if (draft === undefined) return <p class="empty">The catalogue has no template.</p>;

  const refused = create.error ?? (preview.step === 'refused' ? preview.error : undefined);
  const faults: readonly Fault[] = wrongJson !== undefined ? [{ pointer: advancedPlace, detail: wrongJson }] : refused instanceof Problem ? refused.errors : [];
  const fieldOf = (pointer: string): string => hasField(draft, pointer) ? pointer : advancedPlace;
  const faultsAt: FaultsAt = (place) => faults.filter(({ pointer }) => fieldOf(pointer) === place).map(({ pointer, detail }) => place === advancedPlace && pointer !== advancedPlace ? `${pointer} ${detail}` : detail);
  const working = preview.step === 'asking' || preview.step === 'working';

  return <form class="create-form" noValidate onSubmit={(event) => {
    event.preventDefault();
    const made = requestOf(draft);
    setWrongJson(made.wrongJson);
    if (made.request === undefined) return;
    const { request } = made;
    if (ask((signal) => client.createCluster(request, { dryRun: true, signal }))) key.current = crypto.randomUUID();
  }}>
    <FaultSummary faults={faults} fieldOf={fieldOf} />
    {faults.length === 0 && <ProblemNotice error={refused} />}
    <CreateFields draft={draft} templates={templates} faultsAt={faultsAt} onDraft={(next) => {
      setDraft(next);
      setWrongJson(undefined);
      // The plan was another wish's.
      clear();
    }} />
    <PreviewView preview={preview} heading="h2" problems={false} />
    <div class="choices sticky">
      {isPlanned(preview)
        ? <><ActionButton action={create} kind="primary">Create {draft.name}</ActionButton><span class="hint">Nothing has happened so far.</span></>
        : <><button type="submit" class="primary" aria-disabled={working} aria-busy={working}>Show the plan</button><span class="hint">Nothing is created before you have seen it.</span></>}
    </div>
  </form>;
}
