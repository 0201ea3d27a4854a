import { scriptPath } from '../../contracts/blob-paths.ts';
import type { Blobs } from '../../compute/storage/port.ts';
import {
  checkCatalogue,
  isDefinition,
  readCatalogueFolder,
  type CatalogueProblem,
} from './catalogue-folder.ts';

/**
 * Copies a folder's definitions (`.json`) and scripts (all other files) to the catalogue if they differ, and returns the problems of
 * definitions. An invalid definition is copied nevertheless, so that the list of tasks shows it with its problem. Blobs that are not in
 * the folder stay, because others may have put them there.
 */
export const syncCatalogue = async (
  blobs: Pick<Blobs, 'get' | 'put'>,
  folder: string,
): Promise<CatalogueProblem[]> => {
  const files = await readCatalogueFolder(folder);
  // Scripts first, so that no definition exists without its script.
  const names = [...files.keys()].sort((a, b) => Number(isDefinition(a)) - Number(isDefinition(b)));
  for (const name of names) await putChanged(blobs, name, files.get(name)!);
  return checkCatalogue(files);
};

const putChanged = async (blobs: Pick<Blobs, 'get' | 'put'>, name: string, bytes: Buffer): Promise<void> => {
  const path = scriptPath(name);
  if ((await blobs.get(path))?.equals(bytes)) return;
  await blobs.put(path, bytes, isDefinition(name) ? 'application/json' : 'application/octet-stream');
};
