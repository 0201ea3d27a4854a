import * as v from 'valibot';
import { commandNames } from '../command/command.ts';
import { about, anyMapping, choice, flag, listOf, mapping, textLike } from './schema-helpers.ts';
import { notifyTimes } from './policy.ts';
import { RuleFile } from './rule-schema.ts';
import { ComputeFile, TaskFile } from './task-schema.ts';

const prefixForm = 'a lower-case letter, then at most 31 lower-case letters, digits or -';

const prefix = mapping({
  name: v.optional(
    v.pipe(
      textLike(/^[a-z][a-z0-9-]{0,31}$/, prefixForm),
      v.notValues(commandNames, 'a word that is no command'),
      about('The word before a command: `/cox help`. Not the name of a command.', 'ops'),
    ),
    'cox',
  ),
  required: v.optional(
    v.pipe(flag, about('Whether a command without it is none: so that two bots share a repository.')),
    false,
  ),
});

const threads = mapping({
  issues: v.optional(v.pipe(flag, about('Whether commands are taken on issues.')), true),
  pullRequests: v.optional(v.pipe(flag, about('Whether commands are taken on pull requests.')), true),
  labels: v.optional(
    v.pipe(
      listOf(textLike(/^.{1,50}$/, 'the name of a label, at most 50 characters'), 100),
      about('Commands are taken only on threads with one of these labels; an empty list: on all.', ['ops']),
    ),
    [],
  ),
});

const taskName = textLike(
  /^(?:\*|[A-Za-z][A-Za-z0-9_-]{0,62})$/,
  'the name of a task (a letter, then letters, digits, _ or -), or *',
);

/** `.github/coxswain.yml`. Reads times as seconds, logins and teams in lower case, and fills in what is left out. */
export const PolicyFile = mapping({
  version: v.pipe(v.literal(1, '1'), about('The version of this format. Required.')),
  entry: v.optional(
    v.pipe(
      choice(['app', 'action']),
      about(
        'Which entry answers where bot and Action are both installed. Left out: whoever comes to a comment first.',
      ),
    ),
  ),
  prefix: v.optional(v.pipe(prefix, about('The word that names the bot.')), {}),
  tasks: v.optional(
    v.pipe(
      anyMapping,
      v.record(taskName, TaskFile),
      about(
        'What holds for `/run`, by the exact name of the task; under `*` for every task that is not named.',
      ),
    ),
    {},
  ),
  compute: v.optional(v.pipe(ComputeFile, about('What holds for `/compute`.')), {}),
  locks: v.optional(
    v.pipe(
      mapping({
        allow: v.optional(
          v.pipe(RuleFile, about('Who may take and release locks by hand, with `/lock` and `/unlock`.')),
          { permission: 'write' },
        ),
      }),
      about('Locks that persons take.'),
    ),
    {},
  ),
  threads: v.optional(v.pipe(threads, about('Where commands are taken.')), {}),
  notify: v.optional(
    v.pipe(
      mapping({
        when: v.optional(
          v.pipe(
            choice(notifyTimes),
            about(
              'When the end of a job is told by a new comment that mentions who asked for it: an edit notifies nobody. `long`: it took over 5 minutes.',
            ),
          ),
          'long',
        ),
      }),
      about('Notifications.'),
    ),
    {},
  ),
  checks: v.optional(v.pipe(flag, about('Whether each job of a pull request shows as a check run.')), false),
});
export type PolicyFile = v.InferOutput<typeof PolicyFile>;
