import { useState } from 'preact/hooks';
import { namespacedRoles } from '../create/draft.js';
import { ActionButton, useAction } from '../parts/action.js';
import { Dialog } from '../parts/dialog.js';
import { SelectField, TextField } from '../parts/field.js';
import { localText, timeOf } from '../parts/local-time.js';
import { faultsAt, ProblemNotice } from '../parts/problem.js';
import { UntilField } from '../parts/until.js';
import { isPlanned, usePreview } from '../plan/preview.js';
import { PreviewView } from '../plan/view.js';
import { at, go } from '../route.js';
import { useService } from '../service.js';
import { roles, type AccessGrantRequest, type Cluster } from '../shapes.js';

/** How long access is given for unless somebody says otherwise, in milliseconds. */
const usualMs = 4 * 3_600_000;

/** Gives a group access until a time: the plan first, with what can keep it from having its effect. */
export function GrantDialog({ cluster: { name, spec }, onClose }: { readonly cluster: Cluster; readonly onClose: () => void }) {
  const { client } = useService();
  const [group, setGroup] = useState('');
  const [role, setRole] = useState<AccessGrantRequest['role']>('operator');
  const [namespaces, setNamespaces] = useState('');
  const [until, setUntil] = useState(() => localText(new Date(Date.now() + usualMs)));
  const [reason, setReason] = useState('');
  const [warnings, setWarnings] = useState<readonly { readonly detail: string }[]>([]);
  const { preview, ask, clear } = usePreview();
  const isNamespaced = namespacedRoles.includes(role);
  const request = (): AccessGrantRequest => ({
    group: group.trim(), role, until: timeOf(until), reason: reason.trim(),
    ...(isNamespaced ? { namespaces: namespaces.split(',').map((one) => one.trim()).filter((one) => one !== '') } : {}),
  });
  const give = useAction(async () => go(at.job((await client.grantAccess(name, request())).job.id)));
  const refused = give.error ?? (preview.step === 'refused' ? preview.error : undefined);
  const faults = (pointer: string) => ({ pointer, faults: faultsAt(refused, pointer) });
  const changed = (set: (value: string) => void) => (value: string) => {
    set(value);
    // The plan was another wish's.
    clear();
  };
  return <Dialog title={`Give access to ${name} for a time`} onClose={onClose}>
    <form noValidate onSubmit={(event) => {
      event.preventDefault();
      ask(async (signal) => {
        const granted = await client.grantAccess(name, request(), { dryRun: true, signal });
        setWarnings(granted.warnings);
        return granted;
      });
    }}>
      <TextField label="Group" hint="Object id of a group of Microsoft Entra ID." mono value={group} onValue={changed(setGroup)} {...faults('/group')} />
      <SelectField label="Role" value={role} onValue={changed((value) => setRole(roles.find((one) => one === value) ?? 'viewer'))} options={roles.map((one) => [one, one] as const)} {...faults('/role')} />
      {isNamespaced && <TextField label="Namespaces" hint={`Separated by commas. The spec has: ${spec.namespaces.map((one) => one.name).join(', ') || 'none'}.`} value={namespaces} onValue={changed(setNamespaces)} {...faults('/namespaces')} />}
      <UntilField value={until} onValue={changed(setUntil)} {...faults('/until')} />
      <TextField label="Why" hint="Everybody who may see the cluster sees it: a ticket, no secret." value={reason} onValue={changed(setReason)} {...faults('/reason')} />
      <PreviewView preview={preview} problems={false} />
      {isPlanned(preview) && warnings.map(({ detail }) => <p key={detail} class="notice warn">{detail}</p>)}
      <ProblemNotice error={refused} />
      <div class="choices">
        {isPlanned(preview) ? <ActionButton action={give} kind="primary">Give access</ActionButton> : <button type="submit" class="primary" aria-disabled={preview.step === 'asking' || preview.step === 'working'}>Show the plan</button>}
        <button type="button" onClick={onClose}>Close</button>
      </div>
    </form>
  </Dialog>;
}
