import { readFile } from 'node:fs/promises';
import { mayContainCommand } from '../chatops/command/parser/may-contain-command.ts';
import { readInputText, commandInputs } from './inputs/input-definitions.ts';

type CommentEvent = { action?: unknown; comment?: { body?: unknown } };

/**
 * Returns false if the step would only read a comment, and that comment contains no command or was neither created nor edited. This is
 * a fast check before the rest of the bundle is loaded: false positives are allowed, false negatives are not.
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
    return true; // the step then reads the event again and reports the error
  }
};
