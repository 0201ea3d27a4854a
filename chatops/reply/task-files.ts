import type { Job } from '../../compute/client/index.ts';
import { formatFileSize } from '../../contracts/file-size.ts';
import { shortenJobId } from '../../contracts/ids.ts';
import {
  fileLimits,
  type OmissionReason,
  type OmittedFile,
  type TaskFiles,
} from '../../contracts/task-files.ts';
import { quoteMarkdown } from '../markdown/foreign-markdown/quote-markdown.ts';
import { toCodeSpan } from '../markdown/untrusted-text.ts';
import { formatExact } from './exact-text.ts';
import { renderFileTable } from './file-table.ts';
import { toSafeUrl } from './links.ts';

/** The pictures that are shown, and the size up to which GitHub's image proxy loads a picture, in bytes. */
const maxPictures = 3;
const maxPictureBytes = 5 * 1024 * 1024;

/** The number of files that are listed in one line. A longer list is folded. */
const maxInline = 10;

export type FilesView = {
  /** See `SectionView`. */
  isPublic: boolean;
  isStable?: boolean;
  /** The maximum length, in characters. */
  maxLength: number;
};

/**
 * Renders what a task delivered: its summary, pictures, the first rows of its tables, and the list of files. If the room is short, it
 * leaves out tables first, then the end of the summary.
 */
export const renderTaskFiles = (
  { id, files }: Pick<Job, 'id' | 'files'>,
  { isPublic, isStable = false, maxLength }: FilesView,
): string[] => {
  if (!files) return [];
  const hasLinks = !isPublic && !isStable;
  const lists = [
    ...renderFileList(files, hasLinks, Math.floor(maxLength / 2)),
    ...(isPublic && files.delivered.length > 0 ? [describeDownload(id)] : []),
    ...renderOmittedFiles(files),
  ];
  const pictures = hasLinks ? renderPictures(files) : [];
  let room = maxLength - measure([...lists, ...pictures]);
  const summary = renderSummary(files, room);
  room -= measure(summary);
  const tables = files.tables.flatMap((table) => {
    const markdown = renderFileTable(table, room);
    if (markdown === undefined) return [];
    room -= measure([markdown]);
    return [markdown];
  });
  return [...summary, ...pictures, ...tables, ...lists];
};

const measure = (paragraphs: readonly string[]): number =>
  paragraphs.reduce((length, paragraph) => length + paragraph.length + 2, 0);

const summaryName = 'summary.md';
const cutNote = `The summary is longer: see ${toCodeSpan(summaryName)}.`;

const renderSummary = ({ summary, delivered }: TaskFiles, maxLength: number): string[] => {
  if (summary === null) return [];
  const { quote, isCut } = quoteMarkdown(summary, Math.max(0, maxLength - cutNote.length));
  const bytes = delivered.find(({ name }) => name === summaryName)?.bytes ?? 0;
  return [
    ...(quote === undefined ? [] : [quote]),
    ...(isCut || bytes > fileLimits.summaryBytes ? [cutNote] : []),
  ];
};

/** Renders the first pictures. GitHub's image proxy loads them through their links. */
const renderPictures = ({ delivered }: TaskFiles): string[] =>
  delivered
    .flatMap(({ name, type, bytes, url }) => {
      const address = type === 'image/png' && bytes <= maxPictureBytes ? toSafeUrl(url) : undefined;
      return address === undefined ? [] : [`![${name.replaceAll('_', String.raw`\_`)}](${address})`];
    })
    .slice(0, maxPictures);

/** Renders the names and sizes of the files in at most `maxLength` characters, as links unless the reader must not have them. */
const renderFileList = ({ delivered }: TaskFiles, hasLinks: boolean, maxLength: number): string[] => {
  if (delivered.length === 0) return [];
  const entries = delivered.map(({ name, bytes, url }) => {
    const address = hasLinks ? toSafeUrl(url) : undefined;
    const label = toCodeSpan(name);
    return `${address === undefined ? label : `[${label}](${address})`} (${formatFileSize(bytes)})`;
  });
  let length = 0;
  const shown = entries.filter((entry) => (length += entry.length + 3) <= maxLength);
  const more = entries.length - shown.length;
  const lines = more === 0 ? shown : [...shown, `and ${more} more`];
  if (lines.length <= maxInline) return [`Files: ${lines.join(' · ')}`];
  return [
    `<details><summary>${entries.length} files</summary>\n\n${lines.map((line) => `- ${line}`).join('\n')}\n\n</details>`,
  ];
};

const describeDownload = (id: string): string =>
  `Links to the files are not shown here, because anyone who can read this could use them. To download the files, run ${toCodeSpan(`coxswain files ${shortenJobId(id)} --download results`)}.`;

const omissions = {
  'too-many': 'more files than the task’s definition allows',
  'too-large': `larger than ${formatFileSize(fileLimits.bytes)}`,
  'total-too-large': `all files together would be larger than ${formatFileSize(fileLimits.bytes)}`,
  'bad-name':
    'the name is not allowed (1 to 100 letters, digits, `.`, `_` and `-`, without `.` or `-` at the start)',
  'not-a-file': 'not a regular file',
  unreadable: 'could not be read',
  'not-delivered': 'the task was stopped first',
} as const satisfies Record<OmissionReason, string>;

/** Renders the files that were not delivered, by reason. */
const renderOmittedFiles = ({ omitted, omittedCount }: TaskFiles): string[] => {
  const count = Math.max(omittedCount, omitted.length);
  if (count === 0) return [];
  const start = `⚠️ ${count === 1 ? '1 file was' : `${count} files were`} not delivered`;
  const more = count - omitted.length;
  if (more === 0 && omitted.every(({ reason }) => reason === 'not-delivered'))
    return [`${start} before the task was stopped: ${omitted.map(formatOmittedFile).join(', ')}.`];
  const lines = Object.entries(Object.groupBy(omitted, ({ reason }) => reason)).map(
    ([reason, files]) =>
      `- ${files.map(formatOmittedFile).join(', ')}: ${omissions[reason as OmissionReason]}`,
  );
  return [[`${start}:`, ...lines, ...(more > 0 ? [`- and ${more} more`] : [])].join('\n')];
};

const formatOmittedFile = ({ name, bytes }: OmittedFile): string =>
  `${formatExact(name, 100)}${bytes === null ? '' : ` (${formatFileSize(bytes)})`}`;
