import { render } from 'preact';
import { App } from './app.js';
import { ProblemNotice } from './parts/problem.js';
import { arrive } from './route.js';
import { openService, ServiceContext } from './service.js';

const place = document.getElementById('console');
if (place === null) throw new Error('the page has no place for the console');
// What the page shows until the scripts are there.
place.replaceChildren();
try {
  const service = await openService();
  // Coming back from a sign-in has put the address back.
  arrive();
  render(<ServiceContext.Provider value={service}><App /></ServiceContext.Provider>, place);
} catch (error) {
  render(<main class="page"><h1>The console cannot start</h1><ProblemNotice error={error} /></main>, place);
}
