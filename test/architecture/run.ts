import { runJest } from './run-jest.ts';

/* `npm test [-- jest arguments]` runs jest with native ES modules, and prints `N passed, N failed` at the end. */

const { code, counts } = await runJest(process.argv.slice(2));
if (counts) console.log(counts);
process.exit(code);
