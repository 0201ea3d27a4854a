import * as v from 'valibot';
import { JobId } from './ids.ts';
import { nonNegativeInteger, Sha256 } from './json-values.ts';

/** The environment variable with the directory whose files are delivered. */
export const outputDirName = 'COXSWAIN_OUTPUT_DIR';

export const fileLimits = {
  /** The files of a task, if its definition does not state `outputs`. */
  defaultFiles: 20,
  /** The maximum of `outputs`. */
  files: 100,
  /** All files of a task together. */
  bytes: 100 * 1024 * 1024,
  /** The omitted files that are listed. */
  omitted: 20,
  /** The part of `summary.md` that is shown. */
  summaryBytes: 16 * 1024,
  /** The CSV files that are shown as tables, and the part of each that is shown. */
  tables: 3,
  tableRows: 10,
  tableColumns: 20,
  cellCharacters: 200,
  /** All cells of all tables together. */
  tableCharacters: 16 * 1024,
} as const;

/** The form of the name of a file that can be delivered. */
const fileNamePattern = /^[A-Za-z0-9_][A-Za-z0-9_.-]{0,99}$/;

/** Returns whether a file with this name can be delivered. */
export const isFileName = (name: string): boolean => fileNamePattern.test(name);

const fileTypes: Readonly<Record<string, string>> = {
  csv: 'text/csv; charset=utf-8',
  gif: 'image/gif',
  gz: 'application/gzip',
  html: 'text/html; charset=utf-8',
  jpeg: 'image/jpeg',
  jpg: 'image/jpeg',
  json: 'application/json',
  jsonl: 'application/x-ndjson',
  log: 'text/plain; charset=utf-8',
  md: 'text/markdown; charset=utf-8',
  pdf: 'application/pdf',
  png: 'image/png',
  svg: 'image/svg+xml',
  txt: 'text/plain; charset=utf-8',
  xml: 'application/xml',
  zip: 'application/zip',
};

/** Returns the media type of a file by the extension of its name. */
export const getFileType = (name: string): string => {
  const extension = /\.([A-Za-z0-9]+)$/.exec(name)?.[1]?.toLowerCase() ?? '';
  return (Object.hasOwn(fileTypes, extension) && fileTypes[extension]) || 'application/octet-stream';
};

/** Why a file was not delivered. */
const omissionReasons = [
  'too-many',
  'too-large',
  'total-too-large',
  'bad-name',
  'not-a-file',
  'unreadable',
  'not-delivered',
] as const;
export type OmissionReason = (typeof omissionReasons)[number];

const OmittedFile = v.object({
  /** The beginning of the name, secrets masked. Foreign text: any name that a file system allows. */
  name: v.string(),
  /** Null if it is not a regular file. */
  bytes: v.nullable(nonNegativeInteger),
  reason: v.picklist(omissionReasons),
});
export type OmittedFile = v.InferOutput<typeof OmittedFile>;

const FileName = v.pipe(v.string(), v.check(isFileName, 'expected the name of a file that can be delivered'));

/** The maximum size of `files.json`, in bytes. */
export const maxFilesRecordBytes = 256 * 1024;

const deliveredFile = { name: FileName, bytes: nonNegativeInteger, type: v.string(), sha256: Sha256 };

/** The beginning of a CSV file. Cells are foreign text, secrets masked. */
const FileTable = v.object({
  /** The name of the file. */
  name: FileName,
  header: v.array(v.string()),
  rows: v.array(v.array(v.string())),
  /** Whether the file has more rows, columns or characters. */
  truncated: v.boolean(),
});
export type FileTable = v.InferOutput<typeof FileTable>;

const shared = {
  /** The first omitted files, at most 20. */
  omitted: v.array(OmittedFile),
  /** The number of all omitted files. */
  omittedCount: nonNegativeInteger,
  /** The beginning of `summary.md`, at most 16 KiB, secrets masked: foreign text. Null without one. */
  summary: v.nullable(v.string()),
  /** The beginnings of the first CSV files, by name. */
  tables: v.array(FileTable),
};

/**
 * `files.json`: the files that a task's script left in its output directory. It is written once, after the files and before
 * `exit.json`. File number n of `files`, from 0, is the blob `run/<job>/files/<n>`.
 */
export const FilesRecord = v.object({
  v: v.literal(1),
  job: JobId,
  files: v.pipe(v.array(v.object(deliveredFile)), v.maxLength(fileLimits.files)),
  ...shared,
});
export type FilesRecord = v.InferOutput<typeof FilesRecord>;

/** The files of a task in the API's view of its job. */
export const TaskFiles = v.object({
  delivered: v.array(
    v.object({
      ...deliveredFile,
      /** The blob's path. */
      path: v.string(),
      /** A read SAS. Storage answers with the type, and with a disposition: inline for PNG, plain text and CSV only. */
      url: v.string(),
    }),
  ),
  ...shared,
});
export type TaskFiles = v.InferOutput<typeof TaskFiles>;
