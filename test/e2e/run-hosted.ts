import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { writeOrchestratorPackage } from '../../.ci/package-orchestrator.ts';
import { runJest } from '../architecture/run-jest.ts';

/*
 * `npm run test:hosted [-- jest arguments]` packages the orchestrator as for Azure, and runs the end-to-end tests with local platforms
 * that host this package.
 */

/** The tests that say nothing about a hosted orchestrator, by the pattern of their files, and why. */
const excluded: Readonly<Record<string, string>> = {
  'app-and-action': 'runs the orchestrator in its own process, with shorter intervals',
  examples:
    'checks the commands in the documentation, for which the host of the orchestrator makes no difference',
  growth: 'starts no platform',
  'hosted-.*': 'hosts the package anyway, in npm test',
  'older-action': 'runs the orchestrator in its own process, with shorter intervals',
  'older-data':
    'its jobs were started by an orchestrator that was not hosted, and cannot continue in a hosted one',
};

const root = join(import.meta.dirname, '../..');
const folder = await mkdtemp(join(tmpdir(), 'orchestrator-package-'));
const file = join(folder, 'orchestrator.zip');
await writeOrchestratorPackage(root, file);
const ignored = ['/node_modules/', `test/e2e/(?:${Object.keys(excluded).join('|')})\\.test\\.ts$`];
const selection = ['--roots', join(root, 'test/e2e'), '--testPathIgnorePatterns', ...ignored];
const { code, counts } = await runJest([...process.argv.slice(2), ...selection], {
  environment: { COXSWAIN_FUNCTIONS_APP: file },
});
await rm(folder, { recursive: true });
if (counts) console.log(`With the packaged orchestrator: ${counts}`);
process.exit(code);
