import { Choice, Field, SelectField, TextField } from '../parts/field.js';
import { kubernetesVersions, providerNames, providers, type Template } from '../shapes.js';
import { withTemplate, type Draft } from './draft.js';
import type { FaultsAt } from './faults.js';
import { GroupFields, PoolFields } from './lists.js';

/** Place of the advanced part in the form: faults without a field of their own lead there. */
export const advancedPlace = '(advanced)';

/** The fields of a new cluster. @param faultsAt faults by place; those that have no field come under {@link advancedPlace} */
export function CreateFields({ draft, templates, onDraft, faultsAt }: { readonly draft: Draft; readonly templates: readonly Template[]; readonly onDraft: (draft: Draft) => void; readonly faultsAt: FaultsAt }) {
  const set = (part: Partial<Draft>) => onDraft({ ...draft, ...part });
  const text = (name: 'name' | 'owner' | 'region' | 'tenantId' | 'clientId', pointer: string, label: string, more: { hint?: string; mono?: boolean; required?: boolean } = {}) => <TextField label={label} pointer={pointer} value={draft[name]} onValue={(value) => set({ [name]: value })} faults={faultsAt(pointer)} {...more} />;
  const template = templates.find(({ name }) => name === draft.template);
  const possible = providers.filter((provider) => template?.spec[provider] !== undefined);
  const choose = (name: string, provider: string) => {
    const chosen = templates.find((one) => one.name === name);
    if (chosen) onDraft(withTemplate(draft, chosen, providers.find((one) => one === provider) ?? draft.provider));
  };
  return <>
    <Choice label="Template" name="template" pointer="/template" value={draft.template} onValue={(name) => choose(name, draft.provider)} faults={faultsAt('/template')}
      options={templates.map(({ name, title, description }) => ({ key: name, title, text: description }))} />
    <Choice label="Cloud" name="provider" pointer="/provider" value={draft.provider} onValue={(provider) => choose(draft.template, provider)} faults={faultsAt('/provider')}
      options={possible.map((provider) => ({ key: provider, title: providerNames[provider] }))} />
    <div class="row">
      {text('name', '/name', 'Name', { required: true, hint: 'Lower-case letters, digits and hyphens, 24 at most; it never changes.' })}
      {text('owner', '/owner', 'Owner', { hint: 'The team that it belongs to.' })}
    </div>
    <div class="row">
      {text('region', '/region', 'Region', { mono: true })}
      <SelectField label="Kubernetes" pointer="/kubernetesVersion" value={draft.kubernetesVersion} onValue={(kubernetesVersion) => set({ kubernetesVersion })} options={kubernetesVersions.map((one) => [one, one] as const)} faults={faultsAt('/kubernetesVersion')} />
    </div>
    <PoolFields draft={draft} onDraft={set} faultsAt={faultsAt} />
    <fieldset class="list"><legend>Sign-in to the cluster</legend>
      <p class="hint">People sign in to the cluster with Microsoft Entra ID; rights are given to groups.</p>
      <div class="row">
        {text('tenantId', '/access/entra/tenantId', 'Tenant id', { mono: true, required: true })}
        {text('clientId', '/access/entra/clientId', 'Application (client) id', { mono: true, required: true })}
      </div>
    </fieldset>
    <GroupFields draft={draft} onDraft={set} faultsAt={faultsAt} />
    <details class="advanced" open={faultsAt(advancedPlace).length > 0}>
      <summary>Everything else of the spec</summary>
      <Field label="Spec as JSON, merged over the form" pointer={advancedPlace} hint="A merge patch (RFC 7396). The API's description has every field." faults={faultsAt(advancedPlace)}>
        {(input) => <textarea {...input} rows={8} class="mono" spellcheck={false} value={draft.advanced} placeholder={'{"labels": {"cost-centre": "4711"}, "namespaces": [{"name": "payments"}]}'} onInput={(event) => set({ advanced: event.currentTarget.value })} />}
      </Field>
    </details>
  </>;
}
