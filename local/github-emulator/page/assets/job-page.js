// Updates the page of a job until the job ends, and follows its log.

import { refreshDurations, refreshPart } from './live-part.js';

/** What the page keeps of a log: so many lines, and so many characters, and at most one part more. */
const maxLines = 5_000;
const maxCharacters = 2_000_000;

export function followJob() {
  const log = document.querySelector('[data-log]');
  if (log) followLog(log);
  if (!document.querySelector('[data-job]')) return;
  const find = () => document.querySelector('[data-job]');
  const getPath = () => (find().dataset.ended === 'yes' ? undefined : find().dataset.job);
  refreshPart('[data-job]', getPath, (now) => {
    document.querySelector('[data-news]').textContent =
      `The job: ${now.querySelector('.job-state').textContent.trim()}`;
  });
  setInterval(refreshDurations, 1_000);
}

function followLog(log) {
  const pause = document.querySelector('[data-log-pause]');
  const state = document.querySelector('[data-log-state]');
  const say = (text) => state.textContent === text || (state.textContent = text);
  let offset = Number(log.dataset.offset);
  let reading;
  let failures = 0;

  const start = async () => {
    const current = (reading = new AbortController());
    pause.textContent = 'Pause';
    try {
      const response = await fetch(`${log.dataset.log}?offset=${offset}`, { signal: current.signal });
      if (response.status === 403) return finish('You are signed out. Reload this page.');
      if (!response.ok) throw new Error(`${response.status}`);
      say('Live');
      for await (const line of readLines(response.body)) {
        if (line.end) return finish(offset === 0 ? 'The log is empty.' : 'The log is complete.');
        if (line.fault) break;
        failures = 0;
        offset = line.offset;
        append(log, line.text);
      }
      throw new Error('The stream broke off');
    } catch {
      if (current !== reading || current.signal.aborted) return;
      say('Reconnecting …');
      failures += 1;
      setTimeout(() => current === reading && void start(), Math.min(1_000 * 2 ** failures, 15_000));
    }
  };
  const finish = (text) => {
    say(text);
    pause.hidden = true;
  };
  // A paused page reads nothing, and continues where it stopped.
  pause.addEventListener('click', () => {
    if (reading) {
      reading.abort();
      reading = undefined;
      pause.textContent = 'Resume';
      say('Paused');
    } else void start();
  });
  pause.hidden = false;
  log.scrollTop = log.scrollHeight;
  void start();
}

/** Yields the values of a stream with one JSON value per line. */
async function* readLines(body) {
  // Some browsers cannot iterate a stream.
  const reader = body.pipeThrough(new TextDecoderStream()).getReader();
  let rest = '';
  try {
    for (;;) {
      const { done, value } = await reader.read();
      if (done) return;
      const lines = (rest + value).split('\n');
      rest = lines.pop();
      for (const line of lines) yield JSON.parse(line);
    }
  } finally {
    void reader.cancel().catch(() => {});
  }
}

/** Appends a part of a log, and scrolls to the end if the end was in view. Removes the oldest parts beyond the limits. */
function append(log, text) {
  const isAtEnd = log.scrollTop + log.clientHeight >= log.scrollHeight - 24;
  log.append(text);
  const parts = [...log.childNodes].map((node) => ({
    node,
    lines: node.data.split('\n').length - 1,
    characters: node.data.length,
  }));
  let lines = parts.reduce((sum, part) => sum + part.lines, 0);
  let characters = parts.reduce((sum, part) => sum + part.characters, 0);
  for (const part of parts.slice(0, -1)) {
    if (lines <= maxLines && characters <= maxCharacters) break;
    part.node.remove();
    lines -= part.lines;
    characters -= part.characters;
    const cut = document.querySelector('[data-log-cut]');
    cut.hidden = false;
    cut.textContent = `Only the last ${maxLines.toLocaleString('en')} lines or so are shown here.`;
  }
  if (isAtEnd) log.scrollTop = log.scrollHeight;
}
