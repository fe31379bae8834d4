import { DriftTable, UncheckedTable } from '../cluster/drift-table.js';
import { seconds } from '../cluster/drills.js';
import { driftRows } from '../cluster/findings.js';
import { ReadinessTable } from '../cluster/readiness.js';
import { Section } from '../parts/page.js';
import type { Job } from '../shapes.js';

type Report = NonNullable<Job['report']>;

/** What a job has found out about its cluster, in those that are for that. */
export function ReportView({ report }: { readonly report: Report }) {
  switch (report.kind) {
    case 'upgrade-readiness': return <Section title="Readiness"><ReadinessTable checks={report.checks} empty="Nothing was looked at." /></Section>;
    case 'drift': return <Section title="Drift"><DriftTable rows={driftRows({ report, accepted: [], ignored: [] })} empty="Everything is as it should be." /><UncheckedTable unchecked={report.unchecked} /></Section>;
    case 'drill': return <Section title="Drill"><DrillFacts drill={report} /></Section>;
    case 'service-account-key': return <LastingTokens secrets={report.lastingTokens} />;
    // Of the cluster's page: all that there is, and not what the job has added.
    case 'backups': case 'expiries': case 'machine-images': return null;
  }
}

/** Secrets that have to be replaced by hand before the old key of tokens is taken away. */
function LastingTokens({ secrets }: { readonly secrets: readonly string[] }) {
  if (secrets.length === 0) return null;
  return <Section title="Tokens that nobody renews" note="The old key has signed them, and with it they end. Replace these Secrets before the rotation is finished.">
    <ul>{secrets.map((secret) => <li key={secret}><code>{secret}</code></li>)}</ul>
  </Section>;
}

/** What a drill came to: what was tried, how long it took against what is asked for, and what it found. */
function DrillFacts({ drill: { of, backup, node, cluster, rpoSeconds, rtoSeconds, targets, finding, comparison, faults } }: { readonly drill: Extract<Report, { kind: 'drill' }> }) {
  return <>
    {faults.length > 0 && <ul class="notice bad">{faults.map((fault) => <li key={fault}>{fault}</li>)}</ul>}
    <dl class="facts">
      <div><dt>Backup</dt><dd>{backup === null ? 'none' : <code>{backup.id}</code>}</dd></div>
      {of === 'cluster' ? <div><dt>Tried in</dt><dd><code>{cluster}</code>, which is deleted again</dd></div> : <div><dt>Tried on</dt><dd>{node === null ? 'no control plane' : <code>{node}</code>}</dd></div>}
      <div><dt>RPO</dt><dd>{measured(rpoSeconds, targets.rpoSeconds)}</dd></div>
      <div><dt>RTO</dt><dd>{measured(rtoSeconds, targets.rtoSeconds)}</dd></div>
      {finding !== null && <div><dt>Objects</dt><dd>{finding.objects.found} of {finding.objects.expected ?? 'nobody knows how many'}</dd></div>}
      {finding !== null && <div><dt>Secrets that can be read</dt><dd>{finding.secrets.found ?? 'not all'} of {finding.secrets.expected}</dd></div>}
      {finding !== null && <div><dt>Canary</dt><dd>{finding.canary}</dd></div>}
      {comparison && <div><dt>Objects</dt><dd>{comparison.objects.found} of {comparison.objects.expected}</dd></div>}
      {comparison && Object.keys(comparison.leftOut).length > 0 && <div><dt>Not tried</dt><dd>{Object.entries(comparison.leftOut).map(([resource, count]) => `${count} ${resource}`).join(', ')}</dd></div>}
    </dl>
  </>;
}

function measured(value: number | null, target: number): string {
  return value === null ? 'not known' : `${seconds(value)} of ${seconds(target)}`;
}
