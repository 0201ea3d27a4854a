import { LRUCache } from 'lru-cache';
import type { TaskDefinition, TaskDigests, TaskList } from '../../../contracts/task-definition.ts';
import { scriptPath, type BlobPath } from '../../../contracts/blob-paths.ts';
import type { Blobs, ListedBlob } from '../../storage/port.ts';
import { parseTask } from './catalogue.ts';
import { sha256Of } from '../sha256.ts';

/** All tasks of the catalogue by name, and the definitions that could not be read. */
export type Catalogue = () => Promise<Omit<TaskList, 'v'>>;

/** Opens the catalogue. To list it costs one listing: of its blobs only those are read that have changed since the last time. */
export const openCatalogue = (blobs: Blobs): Catalogue => {
  const readDefinition = memoizeByVersion(blobs, (body, path) => parseTask(parseTaskName(path) ?? '', body));
  const readDigest = memoizeByVersion(blobs, sha256Of);
  return async () => {
    const listed = await Array.fromAsync(blobs.list('tasks/'));
    const byPath = new Map(listed.map((blob) => [blob.path, blob]));
    const entry = async (blob: ListedBlob): Promise<CatalogueEntry[]> => {
      const name = parseTaskName(blob.path);
      const task = name === undefined ? undefined : await readDefinition(blob);
      if (name === undefined || !task) return [];
      if (!task.ok) return [{ invalid: { name, message: task.problem.message } }];
      const script = byPath.get(scriptPath(task.value.scriptName));
      const digest = script && (await readDigest(script));
      const digests = { definition: task.sha256, script: digest ?? null };
      return [{ task: { ...task.value, digests } }];
    };
    const entries = (await Promise.all(listed.map(entry))).flat();
    return {
      tasks: entries.flatMap(({ task }) => task ?? []),
      invalid: entries.flatMap(({ invalid }) => invalid ?? []),
    };
  };
};

type CatalogueEntry = {
  task?: TaskDefinition & { digests: TaskDigests };
  invalid?: { name: string; message: string };
};

const parseTaskName = (path: BlobPath): string | undefined => /^tasks\/([^/]+)\.json$/.exec(path)?.[1];

/** Versions of blobs of which is kept what was made of them. */
const maxCachedVersions = 2_000;

/** Makes something of blobs' bytes, once for each version that a listing shows; undefined of a blob that has gone since. */
const memoizeByVersion = <T extends {}>(blobs: Blobs, make: (body: Buffer, path: BlobPath) => T) => {
  const cache = new LRUCache<string, T>({ max: maxCachedVersions });
  return async ({ path, tag }: ListedBlob): Promise<T | undefined> => {
    const version = `${tag} ${path}`;
    const cached = cache.get(version);
    if (cached !== undefined) return cached;
    const body = await blobs.get(path);
    if (!body) return undefined;
    const result = make(body, path);
    cache.set(version, result);
    return result;
  };
};
