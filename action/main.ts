import { mayBeRelevant } from './prefilter.ts';

/* The entry of the Action's step. Most comments contain no command: for those, no other file is loaded. */

if (await mayBeRelevant(process.env)) {
  const { runStep } = await import('./run-step.ts');
  process.exitCode = await runStep(process.env);
}
