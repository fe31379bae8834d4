import { describe, expect, it } from 'vitest';
import { parseInput } from '../../../cli/input/document.js';

const text = `name: payments
labels: {a/b: one, "c~d": two}
nodePools:
  - name: general
    minNodes: 3
  - {name: large, minNodes: 1}
`;

describe('a document that somebody wrote', () => {
  const { place } = parseInput(text, 'cluster.yaml');

  it.each([
    ['/name', 'cluster.yaml:1:1'], ['/labels/a~1b', 'cluster.yaml:2:10'], ['/labels/c~0d', 'cluster.yaml:2:20'], ['/nodePools/0', 'cluster.yaml:4:5'], ['/nodePools/0/minNodes', 'cluster.yaml:5:5'],
    ['/nodePools/1/minNodes', 'cluster.yaml:6:19'], ['', 'cluster.yaml:1:1'],
  ])('has %s at %s', (pointer, where) => {
    expect(place(pointer)).toBe(where);
  });

  it('tells of a field that is missing where it would lie in, and nothing of one that lies in nothing', () => {
    expect(place('/nodePools/1/machineType')).toBe('cluster.yaml:6:5');
    expect(place('/access')).toBeUndefined();
    expect(place('/network/cidr')).toBeUndefined();
  });

  it('is JSON as well', () => {
    expect(parseInput('{"name": "payments",\n "owner": 5}', '-').place('/owner')).toBe('-:2:2');
  });

  it('takes fields that are set besides, which have no place', () => {
    const input = parseInput(text, 'cluster.yaml', ['owner=search', 'nodePools.0.maxNodes=5', 'network.apiServer.public=true', 'name="5"', 'protect=']);

    expect(input.value).toEqual({
      name: '5', labels: { 'a/b': 'one', 'c~d': 'two' }, owner: 'search', nodePools: [{ name: 'general', minNodes: 3, maxNodes: 5 }, { name: 'large', minNodes: 1 }], network: { apiServer: { public: true } }, protect: null,
    });
    expect(input.place('/owner')).toBeUndefined();
  });

  it.each([['- a list'], ['']])('has to be a mapping, and not %j', (source) => {
    expect(() => parseInput(source, 'cluster.yaml')).toThrow('cluster.yaml has no mapping of fields in it.');
  });

  it.each([['a: [1', 'cluster.yaml is not valid YAML'], ['a: 1\na: 2', 'unique'], ['a: 1\n---\nb: 2', 'multiple documents']])('has to be YAML, and not %j', (source, told) => {
    expect(() => parseInput(source, 'cluster.yaml')).toThrow(told);
  });

  it.each(['owner', '=5', 'a..b=5', 'name.first=x'])('takes no --set %s', (assignment) => {
    expect(() => parseInput(text, 'cluster.yaml', [assignment])).toThrow(`--set ${assignment}`);
  });
});
