import { randomUUID } from 'node:crypto';
import * as core from '@actions/core';
import { cleaned } from '../../chatops/markdown/foreign.ts';

/*
 * All that the Action prints goes through here. The runner reads commands in our lines: `::name::` where a line begins, after any
 * white space, and the old `##[name]` anywhere in a line. Source: ActionCommand.cs of actions/runner, which trims with .NET's
 * String.TrimStart and splits lines at CR, LF and CRLF.
 */

/** A line of text that holds no command to the runner, whatever it says. */
const commandless = (line: string): string =>
  line.replaceAll('##[', '## [').replace(/^([^\p{L}\p{N}:]*):(?=:)/u, '$1: ');

/** The text, of which no line is a command to the runner. */
const harmless = (text: string): string =>
  text
    .split(/(\r\n|[\n\r\v\f\u0085\u2028\u2029])/)
    .map(commandless)
    .join('');

/** Prints a line. */
export const info = (text: string): void => core.info(harmless(text));

/** Prints a warning, which is an annotation too. */
export const warning = (text: string): void => core.warning(harmless(text));

/** Prints an error, which is an annotation too. */
export const error = (text: string, properties: core.AnnotationProperties = {}): void =>
  core.error(harmless(text), harmlessIn(properties));

/** Prints a notice, which is an annotation too. */
export const notice = (text: string, properties: core.AnnotationProperties = {}): void =>
  core.notice(harmless(text), harmlessIn(properties));

/** `##[` is read anywhere in the line that the annotation is printed as. */
const harmlessIn = ({ title, ...others }: core.AnnotationProperties): core.AnnotationProperties =>
  title === undefined ? others : { ...others, title: harmless(title) };

/** Prints text of others, without colours and signatures, so that no line of it is taken for a command to the runner. */
const printForeign = (text: string): void => {
  const end = randomUUID();
  // The runner's own way keeps `::` as it is written; a runner of another make may not know it for `##[`.
  const shown = cleaned(text).trimEnd().replaceAll('##[', '## [');
  process.stdout.write(`::stop-commands::${end}\n${shown}\n::${end}::\n`);
};

/** Prints text of others in a group that can be folded. The title is ours. */
export const printForeignGroup = (title: string, text: string): void => {
  core.startGroup(harmless(title));
  printForeign(text);
  core.endGroup();
};
