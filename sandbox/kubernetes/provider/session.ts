import type { CheckCall, CheckResult, CreateCall, CreateResult, DeleteCall, DiffCall, DiffResult, InvokeCall, InvokeResult, ProviderSession, ReadCall, ReadResult, ResourceCall, UpdateCall, UpdateResult } from '../../protocol/index.js';
import type { Requests } from '../../requests.js';
import { Unreachable } from './api-client.js';
import { diffObject } from './object-diff.js';
import { completeObject, fromToken, objectFailures } from './object-inputs.js';
import { createObject, deleteObject, readObject, updateObject } from './objects.js';
import { completeRelease, releaseFailures, releaseType } from './release-inputs.js';
import { createRelease, deleteRelease, diffRelease, refreshRelease, updateRelease } from './releases.js';
import type { Settings } from './settings.js';

/** Client-go repeats a throttled request about as often. */
const throttleRetries = 10;

/** One configured kubernetes provider. Previews and diffs need no cluster (a diff may look for a chart); everything else speaks to its API server. */
export class KubernetesSession implements ProviderSession {
  constructor(private readonly settings: Settings, private readonly requests: Requests) {}

  async check(call: CheckCall): Promise<CheckResult> {
    if (call.type === releaseType) {
      const inputs = completeRelease(call.news, this.settings.namespace);
      return { inputs, failures: releaseFailures(inputs) };
    }
    if (fromToken(call.type).apiVersion.startsWith('helm.sh/')) return { inputs: call.news, failures: [{ property: '', reason: `${call.type} is not served by the emulated provider; use helm.sh/v3:Release` }] };
    const inputs = completeObject(call.type, call.news, this.settings.namespace);
    return { inputs, failures: objectFailures(call.type, inputs) };
  }

  async diff(call: DiffCall): Promise<DiffResult> {
    return call.type === releaseType ? diffRelease(this.settings, call) : diffObject(call.oldInputs, call.news, this.settings.mutableData);
  }

  create(call: CreateCall): Promise<CreateResult> {
    const create = call.type === releaseType ? createRelease : createObject;
    return call.preview ? create(this.settings, call) : this.run(call, 'create', () => create(this.settings, call));
  }

  update(call: UpdateCall): Promise<UpdateResult> {
    const update = call.type === releaseType ? updateRelease : updateObject;
    return call.preview ? update(this.settings, call) : this.run(call, 'update', () => update(this.settings, call));
  }

  async read(call: ReadCall): Promise<ReadResult | undefined> {
    try {
      return await this.run(call, 'read', () => (call.type === releaseType ? refreshRelease(this.settings, call) : readObject(this.settings, call, fromToken(call.type))));
    } catch (error) {
      if (!(error instanceof Unreachable)) throw error;
      if (this.settings.deleteUnreachable) return undefined;
      if (this.settings.skipUpdateUnreachable) return { id: call.id, inputs: call.inputs, outputs: call.state };
      throw error;
    }
  }

  async delete(call: DeleteCall): Promise<void> {
    try {
      await this.run(call, 'delete', () => (call.type === releaseType ? deleteRelease(this.settings, call) : deleteObject(this.settings, call)));
    } catch (error) {
      if (!(this.settings.deleteUnreachable && error instanceof Unreachable)) throw error;
    }
  }

  async invoke(call: InvokeCall): Promise<InvokeResult> {
    throw new Error(`${call.token} is not served by the emulated kubernetes provider`);
  }

  /** Meets the faults that were asked for, then performs; says what to do about a cluster that does not answer. */
  private async run<T>(call: ResourceCall, operation: 'create' | 'update' | 'delete' | 'read', perform: () => Promise<T>): Promise<T> {
    const target = { type: call.type, operation, cluster: this.settings.cluster, resources: [call.name] };
    try {
      return await this.requests.run(target, { signal: call.signal, retries: throttleRetries }, perform);
    } catch (error) {
      if (!(error instanceof Unreachable)) throw error;
      const remedy = operation === 'delete' || operation === 'read' ? '; if the cluster is gone for good, set deleteUnreachable on the provider (or PULUMI_K8S_DELETE_UNREACHABLE=true) to drop its resources from the state' : '';
      throw new Unreachable(`configured Kubernetes cluster is unreachable: ${error.message}${remedy}`);
    }
  }
}
