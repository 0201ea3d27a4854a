/** One thing that was looked at: what is wrong with it, nothing if all is well; and what the program in question printed. */
export type CheckResult = { name: string; wrong: readonly string[]; output: string };

/** Seconds since a time of `Date.now()`, for people. */
export const formatSeconds = (since: number): string => `${((Date.now() - since) / 1000).toFixed(1)} s`;

/** Prints how a check went as soon as it has, so that nobody waits before a silent screen. */
export const printResult = async (check: Promise<CheckResult>): Promise<CheckResult> => {
  const started = Date.now();
  const { name, wrong, output } = await check;
  console.log(`${wrong.length === 0 ? 'passed ' : 'FAILED '} ${name} (${formatSeconds(started)})`);
  if (wrong.length > 0) console.log([...wrong, output].join('\n').replaceAll(/^/gm, '        '));
  return { name, wrong, output };
};
