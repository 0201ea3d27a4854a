import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { isDeepStrictEqual } from 'node:util';
import { packageOrchestrator } from '../package-orchestrator.ts';
import type { CheckResult } from './check-result.ts';
import { listRegistered, registrationSettings, unpackPackage } from './registered-functions.ts';
import { run } from './run.ts';

const root = join(import.meta.dirname, '../..');
const name = 'the packaged orchestrator on Node 22';

/**
 * Checks that the packaged orchestrator registers the same functions on Node 22 as on the Node of this process, whose are tested, and that
 * it runs a compute job there.
 */
export const checkPackage = async (node22: string): Promise<CheckResult> => {
  const folder = await mkdtemp(join(tmpdir(), 'coxswain-package-'));
  try {
    const archive = await packageOrchestrator(root);
    const entry = await unpackPackage(archive, join(folder, 'app'));
    const [newer, older] = await Promise.all(
      [process.execPath, node22].map((node) => listRegistered(node, entry, registrationSettings)),
    );
    if (!isDeepStrictEqual(newer, older)) {
      const output = JSON.stringify({ newer, older }, null, 2);
      return { name, wrong: [`it registers other functions than on Node ${process.version}`], output };
    }
    const file = join(folder, 'orchestrator.zip');
    await writeFile(file, archive);
    const program = join(root, '.ci/verify/run-packaged-job.ts');
    const { code, output } = await run([node22, program, file], { limitSeconds: 180 });
    return { name, wrong: code === 0 ? [] : [`a compute job exited with ${code}`], output };
  } catch (error) {
    return { name, wrong: [String(error)], output: '' };
  } finally {
    await rm(folder, { recursive: true });
  }
};
