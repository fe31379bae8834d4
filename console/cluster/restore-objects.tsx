import { useState } from 'preact/hooks';
import { ActionButton, useAction } from '../parts/action.js';
import { Dialog } from '../parts/dialog.js';
import { SelectField, TextField } from '../parts/field.js';
import { ProblemNotice } from '../parts/problem.js';
import { Ago } from '../parts/time.js';
import { at, go } from '../route.js';
import { useService } from '../service.js';
import type { Backup, Cluster } from '../shapes.js';

const existing = [['keep', 'are left alone'], ['update', 'become what they were']] as const;

/** Brings objects of a cluster's namespaces back. */
export function RestoreObjectsDialog({ cluster: { name, spec }, backup, onClose }: { readonly cluster: Cluster; readonly backup: Extract<Backup, { of: 'objects' }>; readonly onClose: () => void }) {
  const { client } = useService();
  const [typed, setTyped] = useState(spec.namespaces.map((namespace) => namespace.name).join(' '));
  const [present, setPresent] = useState<'keep' | 'update'>('keep');
  const namespaces = typed.split(/[\s,]+/).filter((one) => one !== '');
  const action = useAction(async () => go(at.job((await client.restoreCluster(name, { from: backup.id, namespaces, existing: present })).job.id)));
  return <Dialog title={`Bring objects of ${name} back?`} onClose={onClose}>
    <form onSubmit={(event) => {
      event.preventDefault();
      if (namespaces.length > 0) action.run();
    }}>
      <p>From <code>{backup.id}</code>, <Ago at={backup.at} />{backup.files ? ', with the files of volumes of pods that are not there.' : '. It has no files of volumes: a claim comes back empty.'}</p>
      <p>Where something delivers into these namespaces, pause it: what is there already is not restored.</p>
      <TextField label="Namespaces" value={typed} onValue={setTyped} mono />
      <SelectField label="Objects that are there" value={present} onValue={(value) => setPresent(value === 'update' ? 'update' : 'keep')} options={existing} />
      <ProblemNotice error={action.error} />
      <div class="choices"><ActionButton action={action} kind="primary" submits unavailable={namespaces.length === 0}>Bring them back</ActionButton><button type="button" onClick={onClose}>Leave it</button></div>
    </form>
  </Dialog>;
}
