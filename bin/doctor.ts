import { look } from './checks/finding.js';
import { examine } from './doctor/examine.js';
import { doctorRequest } from './doctor/options.js';
import { isReady, jsonReport, textReport } from './doctor/report.js';
import { processSettings } from './process-settings.js';
import { refuse } from './refuse.js';

// `npm run doctor`: says of everything that the service needs whether it is there, and what to do where it is not.
try {
  const request = doctorRequest(process.argv.slice(2));
  switch (request.command) {
    case 'policy': {
      const { policyFor } = await import('../worker/cloud/index.js');
      process.stdout.write(`${JSON.stringify(await policyFor(request.provider), null, 2)}\n`);
      process.exit(0);
      break;
    }
    case 'look': {
      const findings = await look('settings', async () => examine(await processSettings(), request.region), 10 * 60_000);
      process.stdout.write(`${request.output === 'json' ? jsonReport(findings) : textReport(findings)}\n`);
      process.exit(isReady(findings) ? 0 : 1);
    }
  }
} catch (error) {
  refuse(error);
}
