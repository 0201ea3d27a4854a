import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { FolderError } from '../../runtime/create-folder.ts';

/** How a data folder's jobs run: by an orchestrator in the platform's process, or by a hosted one. */
export type OrchestratorMode = 'own' | 'hosted';

/**
 * Requires that the jobs of a data folder run in the mode in which they were started, and records it for a new folder. The two modes
 * record histories in different orders, so a job that switched would wait forever.
 * @throws FolderError
 */
export const requireSameMode = (folder: string, mode: OrchestratorMode): void => {
  const file = join(folder, 'orchestrator-mode');
  const before = readMode(file) ?? (existsSync(join(folder, 'jobs.db')) ? 'own' : undefined);
  if (before !== undefined && before !== mode) {
    const [was, is] = mode === 'hosted' ? ['without', 'with'] : ['with', 'without'];
    throw new FolderError(
      `Cannot use the folder ${folder} ${is} --functions-app: its jobs were started ${was} it. Choose another folder with --data.`,
    );
  }
  writeFileSync(file, mode);
};

const readMode = (file: string): string | undefined => {
  if (!existsSync(file)) return undefined;
  return readFileSync(file, 'utf8') === 'hosted' ? 'hosted' : 'own';
};
