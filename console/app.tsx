import { useEffect, useErrorBoundary, useRef } from 'preact/hooks';
import { focusHeading } from './parts/heading.js';
import { Link } from './parts/link.js';
import { ClusterPage } from './pages/cluster.js';
import { ClustersPage } from './pages/clusters.js';
import { CreatePage } from './pages/create.js';
import { ExpiriesPage } from './pages/expiries.js';
import { JobPage } from './pages/job.js';
import { JobsPage } from './pages/jobs.js';
import { Page } from './parts/page.js';
import { ProblemNotice } from './parts/problem.js';
import { at, route, type Route } from './route.js';
import { useService } from './service.js';
import { SignInPage } from './sign-in/page.js';

/** The whole console: the bar, what is simulated, and the page of the route. */
export function App() {
  const { settings, session } = useService();
  const signedIn = session.state.value.kind !== 'signed-out';
  const current = route.value;
  const main = useRef<HTMLElement>(null);
  const [broken] = useErrorBoundary() as readonly [unknown, () => void];
  if (broken !== undefined) return <main class="page"><h1>The console has stumbled</h1><ProblemNotice error={broken} /></main>;
  return <>
    <button type="button" class="skip" onClick={() => main.current?.querySelector('h1')?.focus()}>Skip to the content</button>
    <header class="bar">
      <p class="mark"><Link to={at.clusters()}>Clusterwright</Link></p>
      {signedIn && <nav aria-label="Pages">
        <Link to={at.clusters()} current={current.page === 'clusters' || current.page === 'cluster'}>Clusters</Link>
        <Link to={at.jobs} current={current.page === 'jobs' || current.page === 'job'}>Jobs</Link>
        <Link to={at.expiries()} current={current.page === 'expiries'}>Expiries</Link>
        <Link to={at.create} current={current.page === 'create'}>Create</Link>
      </nav>}
      <Account />
    </header>
    {settings.simulated && <p class="sandbox"><strong>Sandbox: simulated.</strong> Clusters here are made of emulated clouds; nothing is billed.</p>}
    <main class="page" ref={main}>{signedIn ? <Routed current={current} /> : <SignInPage />}</main>
    <footer class="foot"><p>Clusterwright {settings.version} · <a href="/docs">API</a></p></footer>
  </>;
}

function Account() {
  const { session } = useService();
  const state = session.state.value;
  if (state.kind !== 'signed-in') return null;
  return <div class="account"><span class="who">{state.name}</span><button type="button" class="quiet" onClick={() => void session.signOut()}>Sign out</button></div>;
}

/** The page of a route, and the focus on its heading when it has been gone to. */
function Routed({ current }: { readonly current: Route }) {
  const first = useRef(true);
  const place = JSON.stringify('filter' in current ? { page: current.page } : current);
  useEffect(() => {
    if (!first.current) focusHeading();
    first.current = false;
  }, [place]);
  switch (current.page) {
    case 'clusters': return <ClustersPage filter={current.filter} />;
    case 'cluster': return <ClusterPage key={current.name} name={current.name} part={current.part} />;
    case 'expiries': return <ExpiriesPage within={current.filter.within} />;
    case 'create': return <CreatePage />;
    case 'jobs': return <JobsPage />;
    case 'job': return <JobPage key={current.id} id={current.id} />;
    case 'nowhere': return <Page title="There is no such page"><p>Go to the <Link to={at.clusters()}>list of clusters</Link>.</p></Page>;
  }
}
