import { lstat, opendir } from 'node:fs/promises';
import { join } from 'node:path';
import {
  fileLimits,
  isFileName,
  type OmissionReason,
  type OmittedFile,
} from '../../../contracts/task-files.ts';
import type { Redactor } from '../log/redactor.ts';

/** The file whose text is shown. It is delivered before all others. */
export const summaryName = 'summary.md';

/** The name of an entry of a directory. A name need not be UTF-8. */
type Named = { name: Buffer };
type Omission = Named & { reason: OmissionReason };

/** The files of a directory that can be delivered, by name, and the entries that cannot. */
export type FileList = { names: string[]; omissions: Omissions };

/**
 * Lists the files of a directory that can be delivered: at most `maxFiles`, of which the first ones by name count. A directory of any
 * size needs no memory.
 * @param signal ends the listing early
 * @throws Error if the directory cannot be read
 */
export const listFiles = async (
  directory: string,
  maxFiles: number,
  redactor: Redactor,
  signal: AbortSignal,
): Promise<FileList> => {
  const found: Named[] = [];
  const omissions = new Omissions(directory, redactor);
  if (!(await hasDirectory(directory))) return { names: [], omissions };
  for await (const entry of await opendir(directory, {
    encoding: 'buffer' as BufferEncoding,
    bufferSize: 256,
  })) {
    if (signal.aborted) break;
    const name = entry.name as unknown as Buffer;
    if (!entry.isFile()) omissions.add(name, 'not-a-file');
    else if (!isFileName(name.toString('latin1')) || !redactor.mask(name).equals(name))
      omissions.add(name, 'bad-name');
    else {
      const surplus = insertByName(found, { name }, maxFiles);
      if (surplus) omissions.add(surplus.name, 'too-many');
    }
  }
  return { names: found.map(({ name }) => name.toString()), omissions };
};

/** Returns false if the directory was removed. @throws Error if there is something else, such as a link to a directory */
const hasDirectory = async (path: string): Promise<boolean> => {
  const stats = await lstat(path).catch((error: NodeJS.ErrnoException) => {
    if (error.code !== 'ENOENT') throw error;
  });
  if (stats && !stats.isDirectory()) throw new Error('The output directory was replaced');
  return stats !== undefined;
};

/** Inserts an item into a list that is sorted by name. Returns the last item if there are now too many. */
const insertByName = <T extends Named>(items: T[], item: T, maxItems: number): T | undefined => {
  const last = items.at(-1);
  if (items.length === maxItems && last && compareNames(last, item) < 0) return item;
  const at = items.findIndex((other) => compareNames(item, other) < 0);
  items.splice(at < 0 ? items.length : at, 0, item);
  return items.length > maxItems ? items.pop() : undefined;
};

const compareNames = (a: Named, b: Named): number =>
  Number(isSummary(b)) - Number(isSummary(a)) || Buffer.compare(a.name, b.name);

const isSummary = ({ name }: Named): boolean => name.toString('latin1') === summaryName;

/** The entries of a directory that are not delivered: the first ones by name, and the number of all. */
export class Omissions {
  readonly #directory: string;
  readonly #redactor: Redactor;
  readonly #first: Omission[] = [];
  #count = 0;

  constructor(directory: string, redactor: Redactor) {
    this.#directory = directory;
    this.#redactor = redactor;
  }

  get count(): number {
    return this.#count;
  }

  add(name: Buffer | string, reason: OmissionReason): void {
    this.#count += 1;
    insertByName(this.#first, { name: Buffer.from(name), reason }, fileLimits.omitted);
  }

  /** Describes the first entries, with their current sizes. */
  describe(): Promise<OmittedFile[]> {
    return Promise.all(
      this.#first.map(async ({ name, reason }) => ({
        name: this.#redactor.mask(name).toString().slice(0, maxShownName),
        bytes: await this.#getSize(name),
        reason,
      })),
    );
  }

  async #getSize(name: Buffer): Promise<number | null> {
    const path = Buffer.concat([Buffer.from(join(this.#directory, '/')), name]);
    const stats = await lstat(path).catch(() => undefined);
    return stats?.isFile() ? stats.size : null;
  }
}

/** The maximum length of a name that is shown. Most file systems limit names to 255 bytes. */
const maxShownName = 200;
