/** Runs an emulator in a separate process: `node host.ts <folder> <webhook url> <key file>`. Sends it to its parent, and runs until it is killed. */
import { readFileSync } from 'node:fs';

import { openGitHubEmulator } from '../../../local/github-emulator/github-emulator.ts';
import { createLogger } from '../../../runtime/log.ts';

const [folder = '', webhookUrl = '', keyFile = ''] = process.argv.slice(2);
const sandbox = await openGitHubEmulator({
  folder,
  port: 0,
  app: {
    id: 4711,
    slug: 'coxswain',
    privateKey: readFileSync(keyFile, 'utf8'),
    webhookSecret: 'a secret of the hook',
    webhookUrl,
  },
  log: createLogger('sandbox', 'silent'),
});
process.send?.(sandbox);
process.once('disconnect', () => process.exit());
