import { readFileSync } from 'node:fs';
import * as v from 'valibot';

const Manifest = v.object({ version: v.string() });

/** Returns the version of the package that this file is in: the repository's, or the one of the release. */
export const readVersion = (): string =>
  v.parse(Manifest, JSON.parse(readFileSync(new URL('../package.json', import.meta.url), 'utf8'))).version;
