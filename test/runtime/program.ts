import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { pathToFileURL } from 'node:url';

/** The URL of a module of `runtime/`, for programs to import. */
export const runtimeModule = (name: string): string => pathToFileURL(resolve('runtime', name)).href;

/** A folder for programs that a test writes and starts. */
export const programFolder = async () => {
  const folder = await mkdtemp(join(tmpdir(), 'coxswain-runtime-'));
  return {
    folder,
    /** Writes a program, an ES module, and answers with its path. */
    write: async (name: string, source: string): Promise<string> => {
      const path = join(folder, `${name}.mjs`);
      await writeFile(path, source);
      return path;
    },
    remove: () => rm(folder, { recursive: true }),
  };
};
export type ProgramFolder = Awaited<ReturnType<typeof programFolder>>;
