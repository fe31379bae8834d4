import type { LoggerService } from '@backstage/backend-plugin-api';
import type { ActionContext, TemplateAction } from '@backstage/plugin-scaffolder-node';
import { createMockActionContext } from '@backstage/plugin-scaffolder-node-test-utils';
import type { JsonObject, JsonValue } from '@backstage/types';

/** A step of a task as the scaffolder runs it: its log, its outputs, and checkpoints, which outlive Backstage. */
export class TaskStep {
  readonly lines: string[] = [];
  readonly outputs: Record<string, unknown> = {};
  private readonly abort = new AbortController();
  private readonly waiting: { readonly text: string; readonly resolve: () => void }[] = [];

  constructor(readonly id: string, private readonly checkpoints = new Map<string, JsonValue>()) {}

  /** The same step after Backstage was restarted: with what was written down, without the job where it died before writing that, or without anything. */
  again({ lost = 'nothing' }: { lost?: 'nothing' | 'job' | 'everything' } = {}): TaskStep {
    if (lost === 'nothing') return new TaskStep(this.id, this.checkpoints);
    return new TaskStep(this.id, new Map([...this.checkpoints].filter(([key]) => lost === 'job' && !key.endsWith('.job'))));
  }

  /** Runs an action to its end, or rejects as it does. */
  async run(action: TemplateAction | undefined, input: JsonObject, { isDryRun = false } = {}): Promise<Record<string, unknown>> {
    if (action === undefined) throw new Error('there is no such action');
    const context = createMockActionContext({ input, logger: this.logger(), task: { id: this.id }, workspacePath: '/nowhere' });
    await action.handler({
      ...context, isDryRun, signal: this.abort.signal,
      output: (name: string, value: unknown) => { this.outputs[name] = value; },
      checkpoint: async ({ key, fn }) => {
        const known = this.checkpoints.get(key);
        if (known !== undefined) return known as never;
        const value = await fn();
        this.checkpoints.set(key, (value ?? {}) as JsonValue);
        return value;
      },
    } as ActionContext<JsonObject>);
    return this.outputs;
  }

  /** As somebody who cancels the task does. */
  cancel(): void {
    this.abort.abort();
  }

  /** Resolves once a line of the log has a text in it. */
  told(text: string): Promise<void> {
    if (this.lines.some((line) => line.includes(text))) return Promise.resolve();
    return new Promise((resolve) => this.waiting.push({ text, resolve }));
  }

  private logger(): LoggerService {
    const log = (line: string | Error): void => {
      this.lines.push(String(line));
      for (const { text, resolve } of this.waiting) if (String(line).includes(text)) resolve();
    };
    return { info: log, warn: log, error: log, debug: () => undefined, child: () => this.logger() };
  }
}
