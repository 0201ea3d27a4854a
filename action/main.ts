import { mayBeRelevant } from './prefilter.ts';

/* What the Action's step starts. Most comments are no commands: then nothing else is loaded. */

if (await mayBeRelevant(process.env)) {
  const { runStep: act } = await import('./run-step.ts');
  process.exitCode = await act(process.env);
}
