import { useState } from 'preact/hooks';
import { Problem } from '../../client/index.js';
import { JobTable } from '../job/table.js';
import { useLoaded } from '../parts/loaded.js';
import { Page } from '../parts/page.js';
import { Pager } from '../parts/pager.js';
import { ProblemNotice, StaleNotice } from '../parts/problem.js';
import { useService } from '../service.js';

const pageSize = 25;
const lookMs = 5000;

/** All jobs that the caller may see, the newest first. */
export function JobsPage() {
  const { client } = useService();
  const [cursors, setCursors] = useState<readonly string[]>([]);
  const cursor = cursors.at(-1);
  const list = useLoaded(async (signal) => {
    const { data, error, response } = await client.api.GET('/jobs', { params: { query: { limit: pageSize, ...(cursor === undefined ? {} : { cursor }) } }, signal });
    if (data === undefined) throw new Problem(response, error);
    return data;
  }, [cursor], lookMs);
  return <Page title="Jobs">
    {list.value === undefined ? <ProblemNotice error={list.error} /> : <StaleNotice error={list.error} />}
    {list.value === undefined && list.error === undefined && <p class="empty" role="status">Reading the list…</p>}
    {list.value !== undefined && <>
      <JobTable jobs={list.value.items} withCluster empty="There is no job yet." />
      <Pager page={cursors.length + 1} onBack={cursors.length > 0 ? () => setCursors(cursors.slice(0, -1)) : undefined} next={list.value.nextCursor} onNext={(next) => setCursors([...cursors, next])} />
    </>}
  </Page>;
}
