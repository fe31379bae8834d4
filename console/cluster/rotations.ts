import type { Rotation } from '../shapes.js';

/** One job of a rotation, as somebody has to know it before it is asked for. */
export interface RotationJob {
  readonly phase?: Rotation['phase'];
  /** What its button says. */
  readonly action: string;
  readonly text: string;
  /** What has to be agreed to, where somebody who is not prepared would be shut out. */
  readonly agreed?: string;
}

/** What can be made anew, by which jobs. */
export interface RotationChoice {
  readonly title: string;
  readonly jobs: readonly RotationJob[];
}

/** Everything that can be made anew: the compiler refuses a list that lacks one, as it would when the API gains one. */
export const rotations: Readonly<Record<Rotation['what'], RotationChoice>> = {
  leaf: {
    title: 'Certificates',
    jobs: [{ action: 'Rotate', text: 'All certificates of the control planes are renewed, on one after the other, and the service\'s own. API server, etcd, controller manager and scheduler begin anew with them; the authorities stay.' }],
  },
  'encryption-key': {
    title: 'Key of what etcd holds',
    jobs: [{ action: 'Rotate', text: 'There is a new key, and every Secret is written anew with it, while the cluster runs. The old key goes: snapshots of etcd from before cannot be restored any more.' }],
  },
  'service-account-key': {
    title: 'Key of service accounts\' tokens',
    jobs: [
      { phase: 'begin', action: 'Begin', text: 'A new key is made beside the old one. Every API server takes tokens by both, then all sign with the new one: API servers begin anew one after the other, twice. Pods get new tokens within an hour.' },
      {
        phase: 'finish', action: 'Finish', text: 'The old key is taken away. Pods that may have a token by it still begin anew before, node by node: none, an hour after the beginning. The API server refuses all tokens that the old key has signed from then on.',
        agreed: 'Whoever has a token that was made by hand before the beginning has a new one',
      },
    ],
  },
  ca: {
    title: 'Authorities',
    jobs: [
      { phase: 'begin', action: 'Begin', text: 'New authorities are made beside the old ones and trusted everywhere. Control planes begin anew one after the other, and the machines of all pools are replaced. Afterwards everybody fetches a new kubeconfig.' },
      {
        phase: 'finish', action: 'Finish', text: 'All certificates are made by the new authorities, and the old ones are taken away; the machines of all pools are replaced once more. The API server refuses what the old authorities have signed from then on.',
        agreed: 'Everybody, pipelines too, has the kubeconfig from after the beginning',
      },
    ],
  },
};
