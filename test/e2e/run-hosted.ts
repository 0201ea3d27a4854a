import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { writeOrchestratorPackage } from '../../.ci/package-orchestrator.ts';
import { runJest } from '../architecture/run-jest.ts';

/*
 * `npm run test:hosted [-- jest arguments]` packages the orchestrator as for Azure, and runs the end-to-end tests with local platforms
 * that host this package. Tests in test/e2e need no other change: `isHosted` in test/fixtures/local-platform.ts says which mode they have.
 */

const root = join(import.meta.dirname, '../..');
const folder = await mkdtemp(join(tmpdir(), 'orchestrator-package-'));
const file = join(folder, 'orchestrator.zip');
await writeOrchestratorPackage(root, file);
const { code, counts } = await runJest(['test/e2e', ...process.argv.slice(2)], {
  environment: { COXSWAIN_FUNCTIONS_APP: file },
});
await rm(folder, { recursive: true });
if (counts) console.log(`With the packaged orchestrator: ${counts}`);
process.exit(code);
