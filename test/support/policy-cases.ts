import type { PolicyFile } from '../../templates/policies/index.js';
import { specOf } from '../unit/platform/clusters.js';

/** A spec whose policies refuse, with registries that are trusted. */
export const policedSpec = specOf('production', { policies: { mode: 'enforce', trustedRegistries: ['registry.example.com', 'docker.io/library', 'ghcr.io/acme'] } });

const resources = { requests: { cpu: '10m', memory: '16Mi' }, limits: { memory: '32Mi' } };
/** A container that no policy objects to. */
export const good = { name: 'c', image: 'registry.example.com/team/app:1.2', resources, securityContext: { readOnlyRootFilesystem: true } };

/** What a policy objects to, each by a pod's spec of which the rest is good. */
export const refused: Readonly<Record<PolicyFile, Readonly<Record<string, object>>>> = {
  'trusted-registries': {
    'another registry': { containers: [{ ...good, image: 'quay.io/team/app:1.2' }] },
    'one whose name only begins alike': { containers: [{ ...good, image: 'registry.example.com.evil.io/app:1.2' }] },
    'another path of a registry': { containers: [{ ...good, image: 'ghcr.io/acme-evil/app:1.2' }] },
    'Docker Hub without saying so': { containers: [{ ...good, image: 'someone/app:1.2' }] },
    'another registry in an init container': { containers: [good], initContainers: [{ ...good, name: 'i', image: 'quay.io/team/app:1.2' }] },
    'a registry with a port': { containers: [{ ...good, image: 'localhost:5000/app:1.2' }] },
  },
  'fixed-image-tags': {
    'no tag': { containers: [{ ...good, image: 'registry.example.com/team/app' }] },
    'the tag latest': { containers: [{ ...good, image: 'registry.example.com/team/app:latest' }] },
    'no tag in an init container': { containers: [good], initContainers: [{ ...good, name: 'i', image: 'registry.example.com/app' }] },
  },
  'requests-and-limits': {
    'nothing at all': { containers: [{ ...good, resources: {} }] },
    'no request for CPU': { containers: [{ ...good, resources: { requests: { memory: '16Mi' }, limits: { memory: '32Mi' } } }] },
    'no limit for memory': { containers: [{ ...good, resources: { requests: resources.requests } }] },
    'nothing in an init container': { containers: [good], initContainers: [{ ...good, name: 'i', resources: {} }] },
  },
  'read-only-root': {
    'no security context': { containers: [{ ...good, securityContext: {} }] },
    'a root that can be written to': { containers: [{ ...good, securityContext: { readOnlyRootFilesystem: false } }] },
  },
};

/** What no policy objects to. */
export const passed: Readonly<Record<string, object>> = {
  'an image of a trusted registry': { containers: [good] },
  'an image of Docker\'s own without a registry': { containers: [{ ...good, image: 'nginx:1.29' }] },
  'a digest': { containers: [{ ...good, image: `ghcr.io/acme/app@sha256:${'0'.repeat(64)}` }] },
  'a limit for CPU beside': { containers: [{ ...good, resources: { requests: resources.requests, limits: { cpu: '1', memory: '32Mi' } } }] },
};
