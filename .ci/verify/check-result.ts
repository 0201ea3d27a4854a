/** The result of a check: its problems, if any, and the output of the program. */
export type CheckResult = { name: string; wrong: readonly string[]; output: string };

/** Formats the seconds since a time of `Date.now()`. */
export const formatSeconds = (since: number): string => `${((Date.now() - since) / 1000).toFixed(1)} s`;

/** Prints the result of a check as soon as it is known. */
export const printResult = async (check: Promise<CheckResult>): Promise<CheckResult> => {
  const started = Date.now();
  const { name, wrong, output } = await check;
  console.log(`${wrong.length === 0 ? 'passed ' : 'FAILED '} ${name} (${formatSeconds(started)})`);
  if (wrong.length > 0) console.log([...wrong, output].join('\n').replaceAll(/^/gm, '        '));
  return { name, wrong, output };
};
