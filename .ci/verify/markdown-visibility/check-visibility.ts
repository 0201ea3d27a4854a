import type { CheckResult } from '../check-result.ts';
import { compareReaders } from './compare.ts';
import { Oracle } from './oracle.ts';

const documents = 4_000;

/** Compares our command reader with GitHub's parser on random comments, which differ each time. @param python see `Tools` */
export const checkVisibleCommands = async (python: string): Promise<CheckResult> => {
  const seed = Date.now() % 1_000_000_000;
  const oracle = new Oracle(python);
  try {
    const { wrong, seen, refused } = await compareReaders(oracle, seed, documents);
    const counts = `${seen} commands seen by both, ${refused} by cmark-gfm alone`;
    return {
      name: `visible commands: ${documents} comments from seed ${seed}, ${counts}`,
      wrong: seen === 0 ? ['no command was seen at all'] : wrong.map((text) => JSON.stringify(text)),
      output: 'We see a command in each of these, and GitHub does not show it as text.',
    };
  } finally {
    await oracle.close();
  }
};
