import { stat } from 'node:fs/promises';
import { join } from 'node:path';
import { formatTaskList } from '../../chatops/command/index.ts';
import {
  checkCatalogue,
  formatCatalogueProblem,
  isDefinition,
  readCatalogueFolder,
  type CatalogueFiles,
} from '../../local/compute/catalogue-folder.ts';
import { UsageError } from '../cli-error.ts';
import { exitCodes } from '../exit-codes.ts';
import { withOrchestrator, type ConnectionOptions } from '../orchestrator/connect.ts';
import { printJson, printMarkdown, printRemark } from '../print.ts';

/** `coxswain tasks list`: lists the tasks of the orchestrator's catalogue. */
export const listTasks = (options: ConnectionOptions & { json?: true }): Promise<number> =>
  withOrchestrator(options, async ({ jobs }) => {
    const catalogue = await jobs.tasks();
    if (options.json) printJson(catalogue);
    else printMarkdown(formatTaskList(catalogue.tasks, catalogue.invalid));
    return exitCodes.ok;
  });

/** `coxswain tasks validate FOLDER`: checks the definitions in a folder as the orchestrator does. */
export const validateTasks = async (folder: string, { json }: { json?: true }): Promise<number> => {
  const files = await readFolder(folder);
  const definitions = [...files.keys()].filter(isDefinition);
  if (definitions.length === 0)
    throw new UsageError(`${folder}: expected definitions of tasks (.json), received none.`);
  const problems = checkCatalogue(files);
  if (json) printJson({ v: 1, definitions, problems });
  else {
    for (const problem of problems) console.log(join(folder, formatCatalogueProblem(problem)));
    printRemark(describeCounts(definitions.length, problems.length));
  }
  return problems.length === 0 ? exitCodes.ok : exitCodes.failed;
};

const describeCounts = (definitions: number, invalid: number): string => {
  const noun = definitions === 1 ? 'definition' : 'definitions';
  return invalid === 0
    ? `${definitions} ${noun}, no mistakes`
    : `${definitions} ${noun}, ${invalid} not valid`;
};

const readFolder = async (folder: string): Promise<CatalogueFiles> => {
  try {
    if ((await stat(folder)).isDirectory()) return await readCatalogueFolder(folder);
  } catch (cause) {
    const { code } = cause as NodeJS.ErrnoException;
    throw new UsageError(`Cannot read the folder ${folder} (${code}).`, { cause });
  }
  throw new UsageError(`${folder}: expected a folder, received a file.`);
};
