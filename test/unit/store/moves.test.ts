import { describe, expect, it } from 'vitest';
import { clusterMoves } from '../../../model/cluster.js';
import { jobMoves } from '../../../model/job.js';
import { movesInto } from '../../../store/moves.js';

describe('the states that may move into another', () => {
  it('are those of the table of moves', () => {
    expect(movesInto(jobMoves, 'succeeded')).toEqual(['running', 'cancelling']);
    expect(movesInto(jobMoves, 'queued')).toEqual([]);
    expect(movesInto(clusterMoves, 'deleting')).toEqual(['deleting', 'ready', 'hibernated', 'failed', 'needs-repair']);
  });
});
