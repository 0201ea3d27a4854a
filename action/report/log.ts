import { randomUUID } from 'node:crypto';
import * as core from '@actions/core';
import { sanitizeText } from '../../chatops/markdown/untrusted-text.ts';

/*
 * Everything that the Action prints goes through here. The runner reads commands in our lines: `::name::` at the start of a line, after
 * any whitespace, and the old `##[name]` anywhere in a line. Source: ActionCommand.cs of actions/runner, which trims with .NET's
 * String.TrimStart and splits lines at CR, LF and CRLF.
 */

/** Escapes a line so that the runner finds no command in it. */
const escapeLine = (line: string): string =>
  line.replaceAll('##[', '## [').replace(/^([^\p{L}\p{N}:]*):(?=:)/u, '$1: ');

/** Escapes all lines of a text. */
const escapeCommands = (text: string): string =>
  text
    .split(/(\r\n|[\n\r\v\f\u0085\u2028\u2029])/)
    .map(escapeLine)
    .join('');

/** Prints a line. */
export const info = (text: string): void => core.info(escapeCommands(text));

/** Prints a warning, which is also an annotation. */
export const warning = (text: string): void => core.warning(escapeCommands(text));

/** Prints an error, which is also an annotation. */
export const error = (text: string, properties: core.AnnotationProperties = {}): void =>
  core.error(escapeCommands(text), escapeProperties(properties));

/** Prints a notice, which is also an annotation. */
export const notice = (text: string, properties: core.AnnotationProperties = {}): void =>
  core.notice(escapeCommands(text), escapeProperties(properties));

/** Escapes `##[`, which the runner reads anywhere in the line of an annotation. */
const escapeProperties = ({ title, ...others }: core.AnnotationProperties): core.AnnotationProperties =>
  title === undefined ? others : { ...others, title: escapeCommands(title) };

/** Prints untrusted text, without colors and signatures, so that the runner finds no command in its lines. */
const printUntrusted = (text: string): void => {
  const end = randomUUID();
  // `stop-commands` keeps `::` unchanged, but other runners may not apply it to `##[`.
  const shown = sanitizeText(text).trimEnd().replaceAll('##[', '## [');
  process.stdout.write(`::stop-commands::${end}\n${shown}\n::${end}::\n`);
};

/** Prints untrusted text below a title. The title must be trusted. */
export const printUntrustedText = (title: string, text: string): void => {
  info(`${title}:`);
  printUntrusted(text);
};

/** Prints untrusted text in a collapsible group. The title must be trusted. */
export const printUntrustedGroup = (title: string, text: string): void => {
  core.startGroup(escapeCommands(title));
  printUntrusted(text);
  core.endGroup();
};
