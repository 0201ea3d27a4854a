import type { CorrectedCommand } from '../../command/index.ts';
import { toCodeBlock, toCodeSpan } from '../../markdown/untrusted-text.ts';

/** Returns the paragraphs that suggest a command to copy, in a code block, so that it is not a command itself; none without a command. */
export const renderCorrection = (corrected: CorrectedCommand | undefined): string[] => {
  if (!corrected) return [];
  const { line, isIncomplete, secrets } = corrected;
  return [
    isIncomplete ? 'Complete this line, and try again:' : 'To try again:',
    toCodeBlock(line, Infinity),
    ...(secrets.length === 0
      ? []
      : [
          `Do not write the value of ${secrets.map((name) => toCodeSpan(name)).join(' or ')} where others can read it, such as in a comment: pass it with the Action’s input \`parameters\`, or with \`coxswain run --parameters FILE\`.`,
        ]),
  ];
};
