import { join } from 'node:path';
import { chdir } from 'node:process';
import { packCli } from './pack-cli.ts';

/* `node .ci/pack.ts [v1.2.3]` packs the command line for the release of a tag, into dist/. */

chdir(join(import.meta.dirname, '..'));
const [, , tag] = process.argv;
console.log(await packCli('dist', tag?.replace(/^v/, '')));
