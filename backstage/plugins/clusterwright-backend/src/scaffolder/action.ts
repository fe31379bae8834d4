import type { ActionContext, TemplateAction } from '@backstage/plugin-scaffolder-node';
import type { JsonObject, JsonValue } from '@backstage/types';
import type { Job, Submission } from '@clusterwright/client';
import type { Schema } from './schemas';
import type { OwnerCheck } from '../owners';
import { backstageError } from '../problems';
import type { Clusterwright } from '../service';
import { consolePage } from '../settings';
import { followJob } from './follow-job';
import { inputCheck } from './input';
import { jobOfStep } from './job-of-step';
import { tellPlan } from './plan';

/** What the actions work with. */
export interface ActionGround extends Clusterwright {
  readonly mayActFor: OwnerCheck;
}

/** For a plan within a task; a dry run of the whole template needs no input. */
export const dryRunInput: Schema = { type: 'boolean', description: 'Work out a plan instead, and log it: nothing changes', default: false };

const commonOutput: Readonly<Record<string, Schema>> = {
  name: { type: 'string', title: 'Name of the cluster' },
  entityRef: { type: 'string', title: 'The cluster in the catalogue, once it has been read next' },
  consoleUrl: { type: 'string', title: 'The cluster in the console' },
  jobId: { type: 'string', title: 'The job that did it' },
  plan: { type: 'object', title: 'What would change; of dry runs only' },
};

/** What one of our actions is, beside what all of them do alike. */
export interface ClusterAction {
  readonly id: string;
  readonly description: string;
  readonly example: string;
  readonly input: Schema;
  /** Outputs beside those that all have. */
  readonly output: Readonly<Record<string, Schema>>;
  /** Reads the input, which fits its schema: which cluster, who has to be let in, and how the change is asked for. */
  readonly change: (input: JsonObject) => ClusterChange;
  /** Reads those when the job has succeeded. */
  readonly outputs: (name: string, job: Job) => Promise<Readonly<Record<string, JsonValue>>>;
}

/** A change that an action's input asks for. */
export interface ClusterChange {
  readonly name: string;
  readonly request: JsonObject;
  /** Whom the cluster belongs to before and after the change. */
  readonly owners: () => Promise<readonly string[]>;
  readonly submit: (options: SubmitOptions) => Promise<Submission>;
}

/** How a change is asked for. */
export interface SubmitOptions {
  readonly dryRun: boolean;
  readonly idempotencyKey?: string;
  /** Whether an earlier run of the same step may have asked for it. */
  readonly again?: boolean;
}

/** Makes an action of Backstage: it checks, asks, follows to the end and says what came of it; dry runs log the plan. */
export function templateAction({ client, settings, mayActFor }: ActionGround, action: ClusterAction): TemplateAction {
  const check = inputCheck(action.id, action.input);
  return {
    id: action.id,
    description: action.description,
    examples: [{ description: action.description, example: action.example }],
    supportsDryRun: true,
    schema: { input: action.input, output: { type: 'object', properties: { ...commonOutput, ...action.output } } },
    handler: async (context) => {
      check(context.input);
      try {
        await run(context);
      } catch (error) {
        throw backstageError(error);
      }
    },
  };

  async function run(context: ActionContext<JsonObject>): Promise<void> {
    const change = action.change(context.input);
    const output = (values: Readonly<Record<string, JsonValue>>) => {
      for (const [name, value] of Object.entries(values)) context.output(name, value);
    };
    context.signal?.throwIfAborted();
    if (context.isDryRun === true || context.input['dryRun'] === true) {
      await askOwners(context, change);
      const { job } = await change.submit({ dryRun: true });
      const preview = await followJob(client, job.id, context);
      tellPlan(preview, context.logger);
      return output({ ...named(change.name), jobId: job.id, plan: preview.plan ?? null });
    }
    const jobId = await jobOfStep(client, context, {
      name: change.name, request: change.request,
      permit: () => askOwners(context, change),
      submit: (idempotencyKey, again) => change.submit({ dryRun: false, idempotencyKey, again }),
    });
    const job = await followJob(client, jobId, context);
    output({ ...named(change.name), jobId: job.id, ...(await action.outputs(change.name, job)) });
  }

  async function askOwners(context: ActionContext<JsonObject>, change: ClusterChange): Promise<void> {
    for (const owner of await change.owners()) await mayActFor(owner, () => context.getInitiatorCredentials());
  }

  function named(name: string): { name: string; entityRef: string; consoleUrl: string } {
    return { name, entityRef: `resource:default/${name}`, consoleUrl: consolePage(settings, name) };
  }
}
