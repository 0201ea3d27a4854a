import * as v from 'valibot';
import { levels } from './log.ts';
import { allowHttpName, findHostListProblem } from './secure-address.ts';
import { setting } from './settings.ts';

const levelMessage = `expected one of ${levels.join(', ')}`;

/** The settings that every program has. */
export const sharedSettings = {
  LOG_LEVEL: setting(
    'The lowest level of messages in the log.',
    v.optional(v.picklist(levels, levelMessage), 'info'),
  ),
  [allowHttpName]: setting(
    'The hosts to which the program may send credentials over `http://`: names without ports, separated by commas. This machine is always allowed. See [Addresses](formats.md#addresses).',
    v.optional(v.string()),
    { whenMissing: 'none', checks: [findHostListProblem] },
  ),
};

/** The lock on the data folder that all children of a local platform share, see `data-dir-lock.ts`. */
export const dataDirLockSetting = setting(
  'The shared lock on the data folder of a local platform.',
  v.optional(v.string()),
  { internal: true, whenMissing: 'no lock' },
);
