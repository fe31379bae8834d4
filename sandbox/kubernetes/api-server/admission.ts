import { isRecord, listAt, recordAt, stringAt, valueAt, type JsonRecord, type KubeObject } from '../json.js';
import type { ApiContext } from './context.js';
import type { Identity } from './identity.js';
import type { KindEntry } from './kinds.js';
import { forbidden, StatusError } from './status-error.js';

const policiesKey = 'admissionregistration.k8s.io/validatingadmissionpolicies';
const bindingsKey = 'admissionregistration.k8s.io/validatingadmissionpolicybindings';

/** What a policy's expressions look at. */
interface Admission {
  readonly plural: string;
  readonly object: KubeObject;
  readonly oldObject: KubeObject | undefined;
}

const mountsClaim = ({ object }: Admission): boolean =>
  listAt(object, 'spec', 'volumes').some((volume) => isRecord(volume) && (volume['persistentVolumeClaim'] !== undefined || volume['ephemeral'] !== undefined));

/**
 * The expressions that are understood, written as below but for white space. CEL is a language of its own and is not imitated: a policy with
 * another expression is refused when it is written, so that none is passed over in silence.
 */
const expressions: Readonly<Record<string, (admission: Admission) => boolean>> = {
  "request.resource.resource != 'services' || object.spec.type != 'LoadBalancer' || (oldObject != null && oldObject.spec.type == 'LoadBalancer')": ({ plural, object, oldObject }) =>
    plural !== 'services' || stringAt(object, 'spec', 'type') !== 'LoadBalancer' || (oldObject !== undefined && stringAt(oldObject, 'spec', 'type') === 'LoadBalancer'),
  "request.resource.resource != 'persistentvolumeclaims'": ({ plural }) => plural !== 'persistentvolumeclaims',
  "request.resource.resource != 'gateways'": ({ plural }) => plural !== 'gateways',
  "request.resource.resource != 'pods' || !has(object.spec.volumes) || !object.spec.volumes.exists(v, has(v.persistentVolumeClaim) || has(v.ephemeral))": (admission) =>
    admission.plural !== 'pods' || !mountsClaim(admission),
};

const expressionOf = (text: string): string => text.replace(/\s+/g, ' ').trim();

/** What of a policy is not imitated, as faults of the object. */
export function policyFaults(policy: KubeObject): { field: string; message: string }[] {
  const spec = recordAt(policy, 'spec');
  const unsupported = ['paramKind', 'matchConditions', 'auditAnnotations', 'variables'].filter((field) => spec[field] !== undefined && !(Array.isArray(spec[field]) && spec[field].length === 0));
  const constraints = recordAt(spec, 'matchConstraints');
  const selectors = ['namespaceSelector', 'objectSelector', 'excludeResourceRules'].filter((field) => Object.keys(recordAt(constraints, field)).length + listAt(constraints, field).length > 0);
  const validations = listAt(spec, 'validations');
  return [
    ...(listAt(constraints, 'resourceRules').length === 0 ? [{ field: 'spec.matchConstraints', message: 'Required value' }] : []),
    ...(validations.length === 0 ? [{ field: 'spec.validations', message: 'Required value: validations or auditAnnotations must contain at least one item' }] : []),
    ...unsupported.map((field) => ({ field: `spec.${field}`, message: 'Forbidden: not simulated' })),
    ...selectors.map((field) => ({ field: `spec.matchConstraints.${field}`, message: 'Forbidden: not simulated' })),
    ...validations.flatMap((validation, index) => {
      const expression = stringAt(validation, 'expression');
      const field = `spec.validations[${index}].expression`;
      if (expression === undefined) return [{ field, message: 'Required value' }];
      return expressionOf(expression) in expressions ? [] : [{ field, message: `Invalid value: ${JSON.stringify(expression)}: this expression is not simulated` }];
    }),
  ];
}

/** What a write that is to be admitted is. */
export interface AdmissionRequest {
  readonly kind: KindEntry;
  readonly subresource: string | undefined;
  readonly identity: Identity | undefined;
}

/**
 * Asks the ValidatingAdmissionPolicies that are bound with the action Deny. What the control plane itself writes in this process (without an
 * identity) is not asked about. @throws StatusError where one says no.
 */
export function admit(context: ApiContext, request: AdmissionRequest, object: KubeObject, oldObject: KubeObject | undefined): void {
  const { kind, subresource, identity } = request;
  // Policies cannot be used to lock out what would remove them.
  if (identity === undefined || kind.group === 'admissionregistration.k8s.io') return;
  const plural = subresource === undefined ? kind.plural : `${kind.plural}/${subresource}`;
  const operation = oldObject === undefined ? 'CREATE' : 'UPDATE';
  for (const [, { object: binding }] of context.table.entries(bindingsKey)) {
    if (!listAt(binding, 'spec', 'validationActions').includes('Deny')) continue;
    const policy = context.table.get(policiesKey, `/${stringAt(binding, 'spec', 'policyName') ?? ''}`)?.object;
    if (policy === undefined || !listAt(policy, 'spec', 'matchConstraints', 'resourceRules').filter(isRecord).some((rule) => matches(rule, kind, plural, operation))) continue;
    for (const validation of listAt(policy, 'spec', 'validations')) {
      const holds = expressions[expressionOf(stringAt(validation, 'expression') ?? '')]?.({ plural: kind.plural, object, oldObject }) ?? false;
      if (holds) continue;
      const words = stringAt(validation, 'message') ?? `failed expression: ${stringAt(validation, 'expression') ?? ''}`;
      const refusal = forbidden({ group: kind.group, plural: kind.plural, name: object.metadata.name }, `ValidatingAdmissionPolicy '${policy.metadata.name}' with binding '${binding.metadata.name}' denied request: ${words}`);
      const reason = stringAt(validation, 'reason') ?? 'Invalid';
      throw new StatusError(reason === 'Forbidden' ? 403 : 422, reason, refusal.message, refusal.target, [{ reason, message: words }]);
    }
  }
}

function matches(rule: JsonRecord, kind: KindEntry, plural: string, operation: string): boolean {
  const has = (field: string, value: string): boolean => {
    const values = valueAt(rule, field);
    return Array.isArray(values) && (values.includes('*') || values.includes(value));
  };
  return has('apiGroups', kind.group) && has('apiVersions', kind.version) && has('operations', operation) && has('resources', plural);
}
