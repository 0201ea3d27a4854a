import { createHash } from 'node:crypto';
import { createWriteStream, lstatSync } from 'node:fs';
import { rename, rm } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import type { Job } from '../../compute/client/index.ts';
import { formatFileSize } from '../../contracts/file-size.ts';
import { createFolder } from '../../runtime/create-folder.ts';
import { findAddressProblem } from '../../runtime/secure-address.ts';
import { CliError } from '../cli-error.ts';
import { exitCodes } from '../exit-codes.ts';
import { findJob } from '../jobs/find-job.ts';
import { withOrchestrator, type ConnectionOptions } from '../orchestrator/connect.ts';
import { printJson, printRemark, printTable } from '../print.ts';
import { toPrintable } from '../thread/terminal-text.ts';

export type FilesOptions = ConnectionOptions & { download?: string; force?: true; json?: true };

type TaskFiles = NonNullable<Job['files']>;
type TaskFile = TaskFiles['delivered'][number];

/** `coxswain files JOB`: lists or downloads the files that a task delivered. */
export const showFiles = (text: string, options: FilesOptions): Promise<number> =>
  withOrchestrator(options, async ({ jobs }) => {
    const { id, files } = await findJob(jobs, text);
    if (!files) throw new CliError('notFound', `${id} has no files.`);
    if (options.download !== undefined)
      await downloadAll(files.delivered, resolve(options.download), options);
    if (options.json) printJson({ v: 1, id, files });
    else printFiles(files);
    return exitCodes.ok;
  });

const printFiles = ({ delivered, omitted, omittedCount }: TaskFiles): void => {
  if (delivered.length > 0)
    printTable([
      ['File', 'Bytes', 'Type'],
      ...delivered.map(({ name, bytes, type }) => [name, String(bytes), type]),
    ]);
  for (const file of omitted) printRemark(formatOmittedFile(file));
  const unlisted = omittedCount - omitted.length;
  if (unlisted > 0) printRemark(`and ${unlisted} more files that were not delivered`);
};

/** Returns one line, whatever the script put into the name. */
export const formatOmittedFile = ({ name, bytes, reason }: TaskFiles['omitted'][number]): string => {
  const size = bytes === null ? '' : `, ${formatFileSize(bytes)}`;
  return `Not delivered: ${toPrintable(name).replaceAll(/\s+/g, ' ')} (${reason}${size})`;
};

const downloadAll = async (
  files: readonly TaskFile[],
  folder: string,
  { force }: FilesOptions,
): Promise<void> => {
  createFolder(folder, 'Choose another folder with --download.');
  const existing = files.find(({ name }) => lstatSync(join(folder, name), { throwIfNoEntry: false }));
  if (existing && !force)
    throw new CliError(
      'usage',
      `${join(folder, existing.name)} already exists. To replace files, use --force.`,
    );
  for (const file of files) await download(file, folder);
  printRemark(`Downloaded ${files.length} ${files.length === 1 ? 'file' : 'files'} to ${folder}`);
};

/**
 * Downloads to another name first, so that a file is complete or missing. The schema of a job allows only plain names, which do not begin
 * with a dot.
 */
const download = async (file: TaskFile, folder: string): Promise<void> => {
  const path = join(folder, file.name);
  const draft = join(folder, `.${file.name}.part`);
  try {
    // An interrupted download has left it. A new file is never the target of a link.
    await rm(draft, { force: true });
    // Nothing may be awaited before it is read: fetch cancels the unread body of an answer that is garbage-collected.
    const body = await openDownload(file);
    await pipeline(
      Readable.fromWeb(body),
      (chunks: AsyncIterable<Uint8Array>) => checkContent(chunks, file),
      createWriteStream(draft, { flags: 'wx' }),
    );
    await rename(draft, path);
  } catch (error) {
    await rm(draft, { force: true });
    throw toDownloadError(error, file.name, path);
  }
};

const openDownload = async ({ name, url }: TaskFile): Promise<ReadableStream<Uint8Array>> => {
  const expected = findAddressProblem(url);
  if (expected !== undefined) throw new CliError('unreachable', `The link of ${name}: expected ${expected}.`);
  const response = await fetch(url, { redirect: 'error' }).catch((cause: unknown) => {
    throw new CliError('unreachable', `Cannot download ${name}: the storage does not respond.`, { cause });
  });
  if (response.ok && response.body) return response.body;
  throw new CliError(
    'unreachable',
    `Cannot download ${name}: the storage responded with ${response.status}.`,
  );
};

/** Passes on the content of a file. @throws CliError as soon as it is longer than the delivered file, or at the end if it differs */
async function* checkContent(
  chunks: AsyncIterable<Uint8Array>,
  { name, bytes, sha256 }: TaskFile,
): AsyncGenerator<Uint8Array> {
  const hash = createHash('sha256');
  let received = 0;
  for await (const chunk of chunks) {
    received += chunk.length;
    if (received > bytes) break;
    hash.update(chunk);
    yield chunk;
  }
  if (received !== bytes || hash.digest('hex') !== sha256)
    throw new CliError(
      'unreachable',
      `Cannot download ${name}: its content has changed since it was delivered.`,
    );
}

const toDownloadError = (error: unknown, name: string, path: string): CliError => {
  if (error instanceof CliError) return error;
  const { code, syscall } = error as NodeJS.ErrnoException;
  // Only the file system's errors name a system call.
  if (syscall !== undefined)
    return new CliError('failed', `Cannot write ${path} (${code}).`, { cause: error });
  return new CliError('unreachable', `Cannot download ${name}: the connection broke off.`, { cause: error });
};
