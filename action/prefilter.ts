import { readFile } from 'node:fs/promises';
import { mayContainCommand } from '../chatops/command/parser/may-contain-command.ts';
import { readInputText, commandInputs } from './inputs/input-definitions.ts';

type CommentEvent = { action?: unknown; comment?: { body?: unknown } };

/**
 * False for a comment without any command, and for one that was not written now, where the comment is what the step is to run. It
 * may be wrong only if it says true.
 */
export const mayBeRelevant = async (environment: NodeJS.ProcessEnv): Promise<boolean> => {
  const { GITHUB_EVENT_NAME: event, GITHUB_EVENT_PATH: path } = environment;
  const named = commandInputs.some((name) => readInputText(name, environment));
  const hasExplicitRequest = named || readInputText('mode', environment) !== 'auto';
  if (event !== 'issue_comment' || path === undefined || hasExplicitRequest) return true;
  try {
    const { action, comment } = JSON.parse(await readFile(path, 'utf8')) as CommentEvent;
    if (typeof action === 'string' && action !== 'created' && action !== 'edited') return false;
    return typeof comment?.body !== 'string' || mayContainCommand(comment.body);
  } catch {
    return true; // whoever reads it next tells what is wrong with it
  }
};
