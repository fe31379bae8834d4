import { ActionButton, useAction } from '../parts/action.js';
import { Page } from '../parts/page.js';
import { ProblemNotice } from '../parts/problem.js';
import { useService } from '../service.js';

/** What stands there while nobody is signed in. */
export function SignInPage() {
  const { session } = useService();
  const action = useAction(async () => { await session.signIn?.(); });
  const state = session.state.value;
  return <Page title="Sign in">
    {state.kind === 'signed-out' && state.reason !== undefined && <p class="notice" role="status">{state.reason}</p>}
    {session.signIn === undefined
      ? <p>The API and the command line can be used meanwhile. Whoever runs the service finds in its description of the console how to set this up.</p>
      : <>
        <p>Clusters belong to owners. Sign in, so that the service knows whose you may see and change.</p>
        <p><ActionButton action={action} kind="primary">Sign in with Microsoft Entra ID</ActionButton></p>
      </>}
    <ProblemNotice error={action.error} />
  </Page>;
}
