import type { TaskDefinition } from '../../../compute/client/index.ts';
import type { CommandName } from '../command.ts';
import type { Given } from '../given.ts';
import type { Intent } from '../intent.ts';

/** Access to the repository that a command needs, as GitHub names its levels. */
export type Access = 'none' | 'read' | 'write';

/** All that is said and known of one command. */
export type Spec = {
  name: CommandName;
  /** How it is written; what may be left out stands in brackets. */
  usage: string;
  /** One sentence without its full stop. Markdown of ours. */
  summary: string;
  /** What is to be known besides: a line each. Markdown of ours. */
  notes: readonly string[];
  access: Access;
  examples: readonly { command: string; meaning: string }[];
  /** Its meaning depends on the catalogue of tasks. */
  needsCatalogue: boolean;
  /** What it asks for; undefined if there are mistakes, which `given` then holds, all of them. */
  interpret: (given: Given, catalogue: readonly TaskDefinition[]) => Intent | undefined;
};
