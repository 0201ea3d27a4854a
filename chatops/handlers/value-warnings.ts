import { describeCharacter } from '../command/forbidden-characters.ts';
import { findConfusables, findMixedScripts, mayBeReordered } from '../command/index.ts';
import type { JobValue } from '../job/index.ts';
import { showCharacters } from '../reply/exact-text.ts';

/** The maximum number of confusable characters that a warning names. */
const maxConfusables = 5;

/** Returns warnings for an approver: characters that look like others, are shown as code points, or change their order. */
export const listWarnings = (values: readonly JobValue[]): string[] => values.flatMap(listValueWarnings);

const listValueWarnings = ({ name, shown }: JobValue): string[] => {
  const scripts = findMixedScripts(shown);
  const confusables = findConfusables(shown)
    .slice(0, maxConfusables)
    .map((char) => describeCharacter(char).codePoint);
  const warnings = [
    scripts.length > 0 && `mixes ${scripts.join(' and ')} letters`,
    confusables.length > 0 && `contains characters that look like others, ${confusables.join(', ')}`,
    mayBeReordered(shown) && 'contains right-to-left letters, so its parts may appear in another order',
    showCharacters(shown) !== shown && 'contains characters that are shown as code points',
  ];
  return warnings.flatMap((warning) => (warning === false ? [] : [`The value of ${name} ${warning}`]));
};
