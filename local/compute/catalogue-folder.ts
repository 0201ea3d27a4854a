import { createHash } from 'node:crypto';
import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { isMap, isScalar, LineCounter, parseDocument } from 'yaml';
import { parseDefinition } from '../../compute/orchestrator/catalogue/catalogue.ts';

/** A problem with a definition in the folder of a catalogue. */
export type CatalogueProblem = {
  /** The name of the file. */
  file: string;
  /** The line, from 1, if one is known. */
  line: number | null;
  field: string | null;
  /** What is wrong, in a sentence without the file and the line. */
  message: string;
  expected: string | null;
  received: string | null;
};

/** The files of a catalogue's folder by name: definitions (`.json`), and scripts (all others). */
export type CatalogueFiles = ReadonlyMap<string, Buffer>;

export const isDefinition = (name: string): boolean => name.endsWith('.json');

/** Reads a folder's files, except hidden ones. */
export const readCatalogueFolder = async (folder: string): Promise<CatalogueFiles> => {
  const entries = await readdir(folder, { withFileTypes: true });
  const names = entries
    .filter((entry) => entry.isFile() && !entry.name.startsWith('.'))
    .map(({ name }) => name)
    .toSorted();
  return new Map(
    await Promise.all(names.map(async (name) => [name, await readFile(join(folder, name))] as const)),
  );
};

/** Returns the first problem of each definition, as the orchestrator would report it. */
export const checkCatalogue = (files: CatalogueFiles): CatalogueProblem[] =>
  [...files.keys()].filter(isDefinition).flatMap((file) => findProblem(file, files) ?? []);

/** Formats a problem in one line, as compilers do. */
export const formatCatalogueProblem = ({ file, line, message }: CatalogueProblem): string =>
  `${file}${line === null ? '' : `:${line}`}: ${message}`;

const findProblem = (file: string, files: CatalogueFiles): CatalogueProblem | undefined => {
  const text = files.get(file)?.toString() ?? '';
  const name = file.slice(0, -'.json'.length);
  const read = parseDefinition(name, text);
  if (!read.ok) {
    const { message, field, expected, received } = read.problem;
    const isJson = expected !== 'JSON';
    return {
      file,
      line: isJson ? findLine(text, field) : findSyntaxErrorLine(message),
      field,
      message: message.replace(`The definition of ${name} is not valid: `, ''),
      expected,
      // Of a file that is not JSON, all of its text was received.
      received: isJson ? received : null,
    };
  }
  const { scriptName, sha256 } = read.value;
  const script = files.get(scriptName);
  const reject = (field: string, message: string, expected: string, received: string) => {
    return { file, line: findLine(text, field), field, message, expected, received };
  };
  if (!script)
    return reject(
      'scriptName',
      `its script ${scriptName} is not in the same folder`,
      'a file in the same folder',
      scriptName,
    );
  const hash = hashSha256(script);
  if (sha256 === undefined || sha256 === hash) return undefined;
  return reject('sha256', `the sha256 of its script ${scriptName} is ${hash}, not ${sha256}`, hash, sha256);
};

const hashSha256 = (bytes: Buffer): string => createHash('sha256').update(bytes).digest('hex');

/** Node's message of a syntax error ends with `(line 3 column 5)`. */
const findSyntaxErrorLine = (message: string): number | null => {
  const [, line] = /\(line (\d+) column \d+\)/.exec(message) ?? [];
  return line === undefined ? null : Number(line);
};

/** Returns the line of a field, or of the closest object around it. JSON is YAML, whose parser knows positions. */
const findLine = (text: string, field: string | null): number | null => {
  if (field === null) return null;
  const lines = new LineCounter();
  const document = parseDocument(text, { lineCounter: lines, logLevel: 'silent' });
  const path = field.split('.').map((part) => (/^\d+$/.test(part) ? Number(part) : part));
  for (; path.length > 0; path.pop()) {
    const offset = findKeyOffset(document.getIn(path.slice(0, -1), true), path.at(-1));
    if (offset !== undefined) return lines.linePos(offset).line;
  }
  return null;
};

const findKeyOffset = (parent: unknown, key: string | number | undefined): number | undefined => {
  if (isMap(parent)) {
    const pair = parent.items.find((item) => isScalar(item.key) && item.key.value === key);
    return isScalar(pair?.key) ? pair.key.range?.[0] : undefined;
  }
  const items = (parent as { items?: { range?: [number, number, number] | null }[] } | undefined)?.items;
  return typeof key === 'number' ? items?.[key]?.range?.[0] : undefined;
};
