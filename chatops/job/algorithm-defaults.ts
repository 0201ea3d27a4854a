/** The algorithm of a `/compute` that names none. The orchestrator has the same default. */
export const defaultAlgorithm = 'monte-carlo-pi';

/** The values that the orchestrator fills in for missing parameters, by algorithm. Algorithms without defaults are left out. */
export const algorithmDefaults: Readonly<Record<string, Readonly<Record<string, number>>>> = {
  'monte-carlo-pi': { seed: 0, samples: 1_000 },
};
