import { ClusterwrightError } from '../../../model/errors.js';
import { isPhased, type PhasedRotation, type Rotation, type RotationPhase } from '../../../model/job-request.js';
import type { OperationContext, Phase } from '../context.js';
import { orderableNodes } from '../orders.js';
import { beginAuthorities, finishAuthorities } from '../rotation/authorities.js';
import { renewCertificates } from '../rotation/certificates.js';
import { replaceEncryptionKey } from '../rotation/encryption-key.js';
import { beginServiceAccountKey, finishServiceAccountKey } from '../rotation/service-account-key.js';

type Rotate = (context: OperationContext, nodes: readonly string[], signal: AbortSignal) => Promise<void>;

const rotations: Readonly<Record<Exclude<Rotation, PhasedRotation>, Rotate>> = { leaf: renewCertificates, 'encryption-key': replaceEncryptionKey };
const halves: Readonly<Record<PhasedRotation, Readonly<Record<RotationPhase, Rotate>>>> = {
  'service-account-key': { begin: beginServiceAccountKey, finish: finishServiceAccountKey },
  ca: { begin: beginAuthorities, finish: finishAuthorities },
};

/** Makes anew what was asked for, through orders to all control planes: a rotation that one of them knows nothing of would shut it out. */
export const rotate: Phase = {
  limitMs: 24 * 3_600_000,
  async run(context, signal) {
    const { job, spec } = context;
    if (job.intent.request?.kind !== 'rotate') throw new Error('the job does not say what to make anew');
    const nodes = await orderableNodes(context, spec.controlPlane.replicas);
    if (nodes.length < spec.controlPlane.replicas) {
      throw new ClusterwrightError('order-unanswered', `Only ${nodes.length} of the ${spec.controlPlane.replicas} control planes of ${spec.name} have joined, and all of them have to take part.`, { resource: spec.name });
    }
    const { what, phase = 'begin' } = job.intent.request;
    await (isPhased(what) ? halves[what][phase] : rotations[what])(context, nodes, signal);
  },
};
