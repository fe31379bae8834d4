import { appendFileSync } from 'node:fs';
import path from 'node:path';
import type { FromOperation, ToOperation } from '../worker/operation/protocol.js';
import { journal } from './stand-in-journal.js';

// What `bench -- fleet-stand-in` runs in the place of an operation's process: it tells the phases of its job and that all is done, and does nothing. It loads
// next to nothing, so that what is measured is the service.

process.on('message', (message: ToOperation) => {
  switch (message.type) {
    case 'start': {
      appendFileSync(path.join(path.dirname(path.dirname(message.workDir)), journal), `${message.job.id}\n`);
      for (const { name } of message.job.phases) {
        tell({ type: 'phase', phase: name, state: 'running' });
        tell({ type: 'progress', done: 10, total: 10 });
        tell({ type: 'phase', phase: name, state: 'succeeded' });
      }
      return tell({ type: 'result', error: null, interrupted: false });
    }
    case 'interrupt':
      return;
    case 'taken':
      process.exit(0);
  }
});
process.once('disconnect', () => process.exit(1));

function tell(message: FromOperation): void {
  process.send?.(message);
}
