import { parseArgs } from 'node:util';
import { runChaos } from './chaos/run-chaos.ts';
import { runSearches } from './chaos/search.ts';
import { searches } from './chaos/searches/index.ts';

/*
 * `npm run chaos [-- --rounds N] [--seed S] [--hosted] [--cases N] [--search NAME]` first runs one local platform, job after job: each
 * round kills processes at times that the seed chooses, and prints one line with the result. With `--hosted`, the platform hosts the
 * packaged orchestrator in a separate process, which is also killed; every third round has tasks with locks and approvals. Then it runs
 * every random and differential search with the same seed. `--search NAME` runs only that search. Exits with 0 if all checks passed,
 * otherwise with 1. Not part of `npm test`: a round takes 5 to 60 s. The rounds need Linux (/proc).
 */

const { values } = parseArgs({
  options: {
    rounds: { type: 'string', default: '20' },
    seed: { type: 'string', default: String(Date.now() % 1_000_000) },
    cases: { type: 'string' },
    search: { type: 'string' },
    hosted: { type: 'boolean', default: false },
  },
});
const seed = Number(values.seed);
const selected = searches.filter(({ name }) => values.search === undefined || name === values.search);
if (values.search !== undefined && selected.length === 0) {
  console.error(
    `No search is named ${values.search}. There are: ${searches.map(({ name }) => name).join(', ')}`,
  );
  process.exit(1);
}
const rounds = values.search === undefined ? Number(values.rounds) : 0;
const roundsHeld = rounds === 0 || (await runChaos(rounds, seed, values.hosted));
const searchesHeld = await runSearches(
  selected,
  seed,
  values.cases === undefined ? undefined : Number(values.cases),
);
process.exit(roundsHeld && searchesHeld ? 0 : 1);
