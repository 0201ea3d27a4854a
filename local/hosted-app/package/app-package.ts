import { existsSync, globSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join, normalize } from 'node:path';
import { unzipSync } from 'fflate';
import * as v from 'valibot';
import { parseJson } from '../../../contracts/problem.ts';
import { SettingsError } from '../../../runtime/settings.ts';
import { HostJson } from './host-json.ts';
import { toHostOptions, type HostOptions } from './host-options.ts';

/** The folder of the unpacked app, in the data folder. */
export const packageFolder = 'functions-app';

/** An unpacked app. */
export type AppPackage = {
  /** The absolute paths of the scripts that `main` of its `package.json` names. */
  scripts: string[];
  /** Whether its `package.json` says that `.js` files are ES modules. */
  isModule: boolean;
  host: HostOptions;
};

const PackageJson = v.looseObject({
  /** A path or a pattern. */
  main: v.pipe(v.string(), v.minLength(1)),
  type: v.optional(v.picklist(['module', 'commonjs']), 'commonjs'),
});

/**
 * Unpacks the package of a Functions app, a zip archive, into a folder, whose earlier content is removed.
 * @throws SettingsError if it is not such a package
 */
export const openAppPackage = (file: string, folder: string): AppPackage => {
  rmSync(folder, { recursive: true, force: true });
  try {
    unpack(readFileSync(file), folder);
    const { main, type } = parseFile(PackageJson, folder, 'package.json');
    const scripts = globSync(main, { cwd: folder }).map((path) => join(folder, path));
    if (scripts.length === 0) throw new Error(`"main" in its package.json names no file: ${main}`);
    const host = toHostOptions(parseFile(HostJson, folder, 'host.json'));
    return { scripts, isModule: type === 'module', host };
  } catch (cause) {
    throw new SettingsError(
      `COXSWAIN_FUNCTIONS_APP: expected the package that "npm run package" writes, received ${file}: ${(cause as Error).message}`,
      { cause },
    );
  }
};

/** Writes the files of an archive, which only their owner can read. @throws Error for a path outside the folder */
const unpack = (archive: Buffer, folder: string): void => {
  for (const [name, content] of Object.entries(unzipSync(archive))) {
    const path = normalize(name);
    if (path.startsWith('..') || path.startsWith('/'))
      throw new Error(`it contains a path outside its folder: ${JSON.stringify(name)}`);
    mkdirSync(dirname(join(folder, path)), { recursive: true, mode: 0o700 });
    if (!name.endsWith('/')) writeFileSync(join(folder, path), content, { mode: 0o600 });
  }
};

/** Reads a JSON file of the package. @throws Error naming the file and the field */
const parseFile = <const S extends v.GenericSchema>(
  schema: S,
  folder: string,
  name: string,
): v.InferOutput<S> => {
  const path = join(folder, name);
  if (!existsSync(path)) throw new Error(`it does not contain ${name}`);
  const read = parseJson(schema, readFileSync(path, 'utf8'));
  if (!read.ok) throw new Error(`its ${name} is not valid: ${read.problem.message}`);
  return read.value;
};
