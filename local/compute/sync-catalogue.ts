import { createHash } from 'node:crypto';
import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Logger } from '../../runtime/log.ts';
import { scriptPath } from '../../contracts/blob-paths.ts';
import { parseDefinition } from '../../compute/orchestrator/catalogue/catalogue.ts';
import type { Blobs } from '../../compute/storage/port.ts';

/** A problem with one definition in the folder of a catalogue. */
type CatalogueProblem = { name: string; message: string };

type Files = ReadonlyMap<string, Buffer>;

/**
 * Copies a folder's definitions (`.json`) and scripts (all other files) to the catalogue if they differ. Problems are logged by name and
 * returned. An invalid definition is copied nevertheless, so that the list of tasks shows it with its problem. Blobs that are not in the
 * folder stay, because others may have put them there.
 */
export const syncCatalogue = async (
  blobs: Pick<Blobs, 'get' | 'put'>,
  folder: string,
  log: Logger,
): Promise<CatalogueProblem[]> => {
  const files = await readFiles(folder);
  // Scripts first, so that no definition exists without its script.
  const names = [...files.keys()].sort((a, b) => Number(isDefinition(a)) - Number(isDefinition(b)));
  for (const name of names) await putChanged(blobs, name, files.get(name)!);
  const problems = names.filter(isDefinition).flatMap((name) => findProblems(name, files));
  problems.forEach((problem) => log.warn(problem, 'a task definition is invalid'));
  return problems;
};

const isDefinition = (name: string): boolean => name.endsWith('.json');

const readFiles = async (folder: string): Promise<Files> => {
  const entries = await readdir(folder, { withFileTypes: true });
  const names = entries
    .filter((entry) => entry.isFile() && !entry.name.startsWith('.'))
    .map(({ name }) => name);
  return new Map(
    await Promise.all(names.map(async (name) => [name, await readFile(join(folder, name))] as const)),
  );
};

const putChanged = async (blobs: Pick<Blobs, 'get' | 'put'>, name: string, bytes: Buffer): Promise<void> => {
  const path = scriptPath(name);
  if ((await blobs.get(path))?.equals(bytes)) return;
  await blobs.put(path, bytes, isDefinition(name) ? 'application/json' : 'application/octet-stream');
};

const findProblems = (name: string, files: Files): CatalogueProblem[] => {
  const read = parseDefinition(name.slice(0, -'.json'.length), files.get(name)?.toString() ?? '');
  if (!read.ok) return [{ name, message: read.problem.message }];
  const { scriptName, sha256 } = read.value;
  const script = files.get(scriptName);
  if (!script) return [{ name, message: `its script ${scriptName} is not in the same folder` }];
  const hash = hashSha256(script);
  if (sha256 === undefined || sha256 === hash) return [];
  return [{ name, message: `the sha256 of its script ${scriptName} is ${hash}, not ${sha256}` }];
};

const hashSha256 = (bytes: Buffer): string => createHash('sha256').update(bytes).digest('hex');
