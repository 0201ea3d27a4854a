import { homedir } from 'node:os';
import { join } from 'node:path';

/** Returns the folder of tools and images, outside of the tree: `COXSWAIN_CACHE`, or a folder in the user's cache. */
export const cacheFolder = (): string =>
  process.env['COXSWAIN_CACHE'] ||
  join(process.env['XDG_CACHE_HOME'] || join(homedir(), '.cache'), 'coxswain');
