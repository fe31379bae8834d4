import { describe, expect, it } from 'vitest';
import { z } from 'zod';
import { policyAgentPod, policyAgentRules } from '../../../programs/platform/policy-agent.js';
import { chartValues } from '../../../templates/charts/index.js';

const flannel = z.object({ netpol: z.object({ args: z.array(z.string()) }) }).parse(chartValues('flannel'));

describe('what enforces network policies beside Amazon\'s network', () => {
  it('is told the same as beside Flannel: to keep closed what nobody watches over, and to show its metrics to nobody', () => {
    const [container] = policyAgentPod().containers;
    expect(container?.command.slice(1)).toEqual(flannel.netpol.args);
    expect(flannel.netpol.args).toEqual(expect.arrayContaining(['--fail-open=false', '--metrics-bind-address=127.0.0.1:9080']));
  });

  it('runs on every node, whatever its taints, and needs no pod network', () => {
    expect(policyAgentPod()).toMatchObject({ hostNetwork: true, tolerations: [{ operator: 'Exists' }], priorityClassName: 'system-node-critical' });
  });

  it('reads whom policies select, and writes nothing', () => {
    expect(policyAgentRules.flatMap(({ verbs }) => verbs).filter((verb) => !['get', 'list', 'watch'].includes(verb))).toEqual([]);
    expect(policyAgentRules.flatMap(({ resources }) => resources)).not.toContain('secrets');
  });
});
