import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { isDeepStrictEqual } from 'node:util';
import { packageOrchestrator } from '../package-orchestrator.ts';
import type { CheckResult } from './check-result.ts';
import { listRegistered, registrationSettings, unpackPackage } from './registered-functions.ts';

/** Checks that the packaged orchestrator registers the same functions on Node 22 as on the Node of this process, whose are tested. */
export const checkPackage = async (node22: string): Promise<CheckResult> => {
  const name = 'the packaged orchestrator on Node 22';
  const folder = await mkdtemp(join(tmpdir(), 'coxswain-package-'));
  try {
    const entry = await unpackPackage(await packageOrchestrator(join(import.meta.dirname, '../..')), folder);
    const [newer, older] = await Promise.all(
      [process.execPath, node22].map((node) => listRegistered(node, entry, registrationSettings)),
    );
    const isEqual = isDeepStrictEqual(newer, older) && newer?.functions.length !== 0;
    const output = isEqual ? '' : JSON.stringify({ newer, older }, null, 2);
    return {
      name,
      wrong: isEqual ? [] : [`it registers other functions than on Node ${process.version}`],
      output,
    };
  } catch (error) {
    return { name, wrong: [String(error)], output: '' };
  } finally {
    await rm(folder, { recursive: true });
  }
};
