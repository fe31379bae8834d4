import { firstAfter } from '../../../../model/calendar.js';
import { timestamp } from '../../api-server/context.js';
import { recordAt, stringAt, valueAt, type KubeObject } from '../../json.js';
import { kinds, type VeleroContext } from './location.js';

/** On a Backup: the Schedule that it comes of. */
const scheduleLabel = 'velero.io/schedule-name';

/** Asks for a backup where a Schedule's time has come; times that were missed are not made up for. https://github.com/vmware-tanzu/velero/blob/v1.18.3/pkg/controller/schedule_controller.go */
export function keepSchedule({ api }: VeleroContext, schedule: KubeObject): void {
  const { name, namespace, creationTimestamp, labels, annotations } = schedule.metadata;
  const now = api.context.now();
  const lastBackup = stringAt(schedule, 'status', 'lastBackup');
  const isEnabled = stringAt(schedule, 'status', 'phase') === 'Enabled';
  const due = firstAfter({ cron: stringAt(schedule, 'spec', 'schedule') ?? '', timeZone: 'UTC' }, new Date(lastBackup ?? creationTimestamp ?? now)).getTime();
  const isDue = valueAt(schedule, 'spec', 'paused') !== true && now > due;
  if (isDue) {
    const stamp = new Date(now).toISOString().replace(/\D/g, '').slice(0, 14);
    api.apply({
      apiVersion: 'velero.io/v1', kind: 'Backup', spec: recordAt(schedule, 'spec', 'template'),
      metadata: { name: `${name}-${stamp}`, namespace, labels: { ...labels, [scheduleLabel]: name }, ...(annotations === undefined ? {} : { annotations }) },
    });
  }
  if (isDue || !isEnabled) api.put(kinds.schedules, { ...schedule, status: { ...recordAt(schedule, 'status'), phase: 'Enabled', ...(isDue ? { lastBackup: timestamp(api.context) } : {}) } });
}
