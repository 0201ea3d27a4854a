import { commandNames, help, specs, taskTable, type CommandName, type Intent } from '../command/index.ts';
import { reaches, type Level } from '../policy/permission-level.ts';
import * as say from '../reply/answers/index.ts';
import { allowedWork, isMeant } from '../authorization.ts';
import { isUnprotected } from '../policy-protection.ts';
import { answered, type Outcome, type Visit } from '../command-context.ts';

/** `/help`: the commands, and who one is here. */
export const showHelp = async (
  { about }: Extract<Intent, { kind: 'help' }>,
  visit: Visit,
): Promise<Outcome> => {
  const catalogue = await visit.catalogue();
  const work = await allowedWork(visit, catalogue);
  const level = await visit.standing.level();
  const locks = (await isMeant(visit.policy.locks.allow, visit)).allowed;
  const may = commandNames.filter((name) => isOpen(name, { ...work, locks }));
  const { author } = visit.comment;
  const app = author.kind === 'person-via-app' ? author.app : undefined;
  const standing = { login: author.login, app, words: level, may, tasks: work.tasks };
  const text = help(about, catalogue, standing, visit.grammar);
  const warnings = visit.broken ? [say.policyWarning(visit.broken)] : [];
  if (about === undefined && (await mayProtect(visit, level)) && (await lacksProtection(visit)))
    warnings.push(say.policyUnprotected);
  return answered([text, ...warnings].join('\n\n'), 'shown');
};

/** Whether the author can change the policy, and may be told of its weak points. For strangers nothing more is looked up. */
const mayProtect = async (visit: Visit, level: Level): Promise<boolean> =>
  reaches(level, 'write') && !(await visit.isReader());

const lacksProtection = ({ policy, comment, ports }: Visit): Promise<boolean> =>
  isUnprotected(policy, comment.thread.repository, ports.codeOwners);

/** Whether a command can be of use to somebody who may do this much. */
const isOpen = (name: CommandName, may: { tasks: string[]; compute: boolean; locks: boolean }): boolean => {
  if (name === 'compute') return may.compute;
  if (name === 'run') return may.tasks.length > 0;
  // Without a job's id it lists those of the thread, for who may read it.
  if (name === 'status') return true;
  const { right } = specs[name];
  if (right === 'locks') return may.locks;
  return right === 'everyone' || right === 'read' || may.compute || may.tasks.length > 0;
};

/** `/tasks`: lists the catalogue, including definitions that are not valid. */
export const showTasks = async (visit: Visit): Promise<Outcome> =>
  answered(taskTable(await visit.catalogue(), await visit.invalidTasks()), 'shown');
