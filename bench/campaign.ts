import { parseArgs } from 'node:util';
import { runCampaign } from './campaign/run.ts';

/*
 * `npm run campaign [-- --rounds N] [--seed S]`: one local platform, job after job, and in each round processes of it are
 * killed at moments that the seed chooses. After each round everything that must hold is checked; one line tells of it. Ends
 * with 0 if all of it held, else with 1. Not part of `npm test`: a round takes 5 to 30 s. Needs Linux (/proc).
 */

const { values } = parseArgs({
  options: {
    rounds: { type: 'string', default: '20' },
    seed: { type: 'string', default: String(Date.now() % 1_000_000) },
  },
});
process.exit((await runCampaign(Number(values.rounds), Number(values.seed))) ? 0 : 1);
