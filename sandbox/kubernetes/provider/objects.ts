import { createHash } from 'node:crypto';
import { isDeepStrictEqual } from 'node:util';
import { PartialCreation, type CreateCall, type CreateResult, type DeleteCall, type PropertyMap, type ReadCall, type ReadResult, type UpdateCall, type UpdateResult } from '../../protocol/index.js';
import type { KubeObject } from '../json.js';
import { ApiError, isNotFound, Unreachable, type ApiClient } from './api-client.js';
import { isSecret, liveInputs, redacted, toObject, toOutputs } from './object-inputs.js';
import { notReadyBecause } from './readiness.js';
import type { Settings } from './settings.js';
import { waitUntil } from './waiting.js';

const defaultWaitSeconds = 600;

/** The cluster, for what cannot be done without one. @throws Unreachable while its kubeconfig is not known. */
export function requireClient(settings: Settings): ApiClient {
  if (settings.client === undefined) throw new Unreachable('the kubeconfig of the provider is not known yet');
  return settings.client;
}

/** `namespace/name`, or the name of what is cluster-wide: the id that pulumi-kubernetes gives. */
function idOf(object: KubeObject): string {
  return object.metadata.namespace === undefined ? object.metadata.name : `${object.metadata.namespace}/${object.metadata.name}`;
}

/** One manager a resource, as pulumi-kubernetes has it, but the same in every run. */
function fieldManager(urn: string): string {
  return `pulumi-kubernetes-${createHash('sha256').update(urn).digest('hex').slice(0, 8)}`;
}

/** Creates an object and waits until it is ready. @throws PartialCreation for one that exists but does not become ready. */
export async function createObject(settings: Settings, call: CreateCall): Promise<CreateResult> {
  if (call.preview) return { id: '', outputs: call.inputs };
  const client = requireClient(settings);
  const object = toObject(call.inputs);
  if (!settings.upsert && (await client.find(object, call.signal)) !== undefined) {
    throw new Error(`resource ${idOf(object)} was not successfully created by the Kubernetes API server: ${object.kind} "${idOf(object)}" already exists`);
  }
  const live = await applied(settings, client, object, call.urn, 'created', call.signal);
  return { id: idOf(live), ...(await ready(client, live, call.inputs, call)) };
}

/** Applies changed inputs and waits until the object is ready. */
export async function updateObject(settings: Settings, call: UpdateCall): Promise<UpdateResult> {
  if (call.preview) return { outputs: { ...call.oldState, ...call.news } };
  const client = requireClient(settings);
  const live = await applied(settings, client, toObject(call.news), call.urn, 'updated', call.signal);
  return ready(client, live, call.news, call);
}

/** Reads an object; undefined when it is gone. */
export async function readObject(settings: Settings, call: ReadCall, token: { apiVersion: string; kind: string }): Promise<ReadResult | undefined> {
  const given = Object.keys(call.inputs).length > 0 ? call.inputs : call.state;
  const apiVersion = typeof given['apiVersion'] === 'string' ? given['apiVersion'] : token.apiVersion;
  const kind = typeof given['kind'] === 'string' ? given['kind'] : token.kind;
  const { namespace, name } = parseId(call.id);
  try {
    const client = requireClient(settings);
    const live = await client.get({ apiVersion, kind }, namespace, name, call.signal);
    const found = liveInputs(call.inputs, live);
    const inputs = isDeepStrictEqual(found, call.inputs) || !(await saysTheSame(client, call, live)) ? found : call.inputs;
    return { id: idOf(live), inputs, outputs: toOutputs(live), secretOutputs: secretOutputs(live) };
  } catch (error) {
    if (isNotFound(error)) return undefined;
    throw error;
  }
}

/** Whether applying the inputs again would change nothing: the API server writes some values in its own way, such as `1` for `1000m`. */
async function saysTheSame(client: ApiClient, call: ReadCall, live: KubeObject): Promise<boolean> {
  if (Object.keys(call.inputs).length === 0) return false;
  try {
    const applied = await client.apply(toObject(call.inputs), fieldManager(call.urn), true, call.signal, true);
    return isDeepStrictEqual(toOutputs(applied), toOutputs(live));
  } catch (error) {
    // What cannot be applied any more, such as a change of an immutable field, is drift.
    if (error instanceof ApiError) return false;
    throw error;
  }
}

/** Deletes an object and waits until it is gone. */
export async function deleteObject(settings: Settings, call: DeleteCall): Promise<void> {
  const client = requireClient(settings);
  const given = toObject(Object.keys(call.oldInputs).length > 0 ? call.oldInputs : call.state);
  const { namespace, name } = parseId(call.id);
  const object = { ...given, metadata: { ...given.metadata, namespace, name } };
  try {
    const path = await client.pathOf(object, namespace, name);
    await client.call('DELETE', path, { kind: 'DeleteOptions', apiVersion: 'v1', propagationPolicy: annotation(object, 'deletionPropagationPolicy') ?? 'Background' }, undefined, call.signal);
    await waitUntil(async () => {
      const live = await client.find(object, call.signal);
      if (live === undefined) return undefined;
      const finalizers = live.metadata.finalizers ?? [];
      return `${object.kind} "${call.id}" is still there${finalizers.length > 0 ? `, held by the finalizers ${finalizers.join(', ')}` : ''}`;
    }, waitMs(object, call.timeoutSeconds), call.signal);
  } catch (error) {
    if (!isNotFound(error)) throw error;
  }
}

async function applied(settings: Settings, client: ApiClient, object: KubeObject, urn: string, done: string, signal: AbortSignal): Promise<KubeObject> {
  const force = annotation(object, 'patchForce') === undefined ? settings.patchForce : annotation(object, 'patchForce') === 'true';
  try {
    return await client.apply(object, fieldManager(urn), force, signal);
  } catch (error) {
    if (!(error instanceof ApiError)) throw error;
    const hint = error.code === 409 ? ' (another manager owns these fields; give them up, or set the annotation pulumi.com/patchForce)' : '';
    throw new ApiError(error.code, error.reason, `resource ${idOf(object)} was not successfully ${done} by the Kubernetes API server: ${redacted(error.message, object)}${hint}`);
  }
}

/** Waits for the object; answers its outputs. */
async function ready(client: ApiClient, object: KubeObject, inputs: PropertyMap, call: { signal: AbortSignal; timeoutSeconds: number }): Promise<UpdateResult> {
  let live = object;
  const first = notReadyBecause(live);
  if (first !== undefined && annotation(object, 'skipAwait') !== 'true') {
    try {
      await waitUntil(async () => {
        live = await client.get(object, object.metadata.namespace, object.metadata.name, call.signal);
        return notReadyBecause(live);
      }, waitMs(object, call.timeoutSeconds), call.signal);
    } catch (error) {
      const reason = error instanceof Error ? error.message : String(error);
      throw new PartialCreation(idOf(object), toOutputs(live), inputs, `${object.kind} "${idOf(object)}" is there but not ready: ${redacted(reason, object)}`);
    }
  }
  return { outputs: toOutputs(live), secretOutputs: secretOutputs(live) };
}

function waitMs(object: KubeObject, timeoutSeconds: number): number {
  const annotated = Number(annotation(object, 'timeoutSeconds'));
  return (timeoutSeconds > 0 ? timeoutSeconds : annotated > 0 ? annotated : defaultWaitSeconds) * 1000;
}

function annotation(object: KubeObject, name: string): string | undefined {
  return object.metadata.annotations?.[`pulumi.com/${name}`];
}

function secretOutputs(object: KubeObject): string[] {
  return isSecret(object) ? ['data', 'stringData'] : [];
}

function parseId(id: string): { namespace: string | undefined; name: string } {
  const slash = id.indexOf('/');
  return slash < 0 ? { namespace: undefined, name: id } : { namespace: id.slice(0, slash), name: id.slice(slash + 1) };
}
