import type { JobId } from '../../../contracts/ids.ts';
import {
  fileLimits,
  getFileType,
  type FilesRecord,
  type OmissionReason,
} from '../../../contracts/task-files.ts';
import type { Logger } from '../../../runtime/log.ts';
import type { ProgramUser } from '../../../runtime/program-user.ts';
import type { FileLinks } from '../../launcher/port.ts';
import { Redactor } from '../log/redactor.ts';
import { createOnce, StorageRefusedError } from '../sas-client.ts';
import { listFiles, summaryName } from './list-files.ts';
import { openFile } from './open-file.ts';
import { limitTables, readSummary, readTable } from './preview.ts';
import { uploadFile } from './upload-file.ts';

export type Delivery = {
  job: JobId;
  /** The directory in which the script left the files. */
  directory: string;
  /** The user that the script ran as; undefined for our own user. */
  user: ProgramUser | undefined;
  links: FileLinks;
  /** The values to mask in names, summary and tables. */
  secrets: readonly string[];
  /** Aborted when no more files may be written. */
  deadline: AbortSignal;
  /** Aborted when the record can no longer be written, too. */
  giveUp: AbortSignal;
  log: Logger;
};

type Delivered = Pick<FilesRecord, 'files' | 'summary' | 'tables'>;

/**
 * Delivers the files in a script's directory: uploads each to a blob of its own, then writes their record. Writes nothing if the
 * directory is empty. Storage may be down until `deadline`; after it, the remaining files are recorded as not delivered.
 */
export const deliverFiles = async (delivery: Delivery): Promise<void> => {
  const { job, directory, links, secrets, giveUp, log } = delivery;
  const redactor = new Redactor(secrets);
  const { names, omissions } = await listFiles(directory, links.files.length, redactor, giveUp);
  const delivered: Delivered = { files: [], summary: null, tables: [] };
  for (const name of names) {
    const omission = await deliverFile(delivery, name, delivered, redactor);
    if (omission) omissions.add(name, omission);
  }
  if (names.length === 0 && omissions.count === 0) return;
  const record: FilesRecord = {
    v: 1,
    job,
    ...delivered,
    tables: limitTables(delivered.tables),
    omitted: await omissions.describe(),
    omittedCount: omissions.count,
  };
  try {
    await createOnce(links.record, `${JSON.stringify(record)}\n`, 'application/json', giveUp);
  } catch (error) {
    if (!(error instanceof StorageRefusedError)) throw error;
    log.warn({ err: error, job }, 'could not write the record of the files of a script');
  }
};

/** Delivers one file, and adds it to those before it. @returns why it was not delivered, if it was not */
const deliverFile = async (
  { directory, user, links, deadline, job, log }: Delivery,
  name: string,
  delivered: Delivered,
  redactor: Redactor,
): Promise<OmissionReason | undefined> => {
  const { files } = delivered;
  const file = await openFile(directory, name, user);
  if (typeof file === 'string') return file;
  try {
    const { bytes } = file;
    if (bytes > fileLimits.bytes) return 'too-large';
    if (files.reduce((sum, other) => sum + other.bytes, bytes) > fileLimits.bytes) return 'total-too-large';
    if (deadline.aborted) return 'not-delivered';
    const summary = name === summaryName ? await readSummary(file, redactor) : delivered.summary;
    const table = mayShowTable(name, delivered) ? await readTable(file, name, redactor) : undefined;
    const type = getFileType(name);
    const sha256 = await uploadFile(links.files[files.length]!, file, type, deadline);
    files.push({ name, bytes, type, sha256 });
    delivered.summary = summary;
    if (table) delivered.tables.push(table);
    return undefined;
  } catch (error) {
    log.warn({ err: error, job }, 'could not deliver a file of a script');
    return deadline.aborted || error instanceof StorageRefusedError ? 'not-delivered' : 'unreadable';
  } finally {
    await file.handle.close();
  }
};

const mayShowTable = (name: string, { tables }: Delivered): boolean =>
  /\.csv$/i.test(name) && tables.length < fileLimits.tables;
