// Applies the filters of the job list while a person types, and updates the list.

import { isChanged, refreshDurations, refreshPart } from './live-part.js';

export function followJobList() {
  const form = document.querySelector('[data-filters]');
  if (!form) return;
  const getPath = () => `${location.pathname}/rows${location.search}`;
  const refresh = refreshPart('[data-jobs]', getPath, (now, before) => {
    const [is, was] = [now, before].map((part) => part.querySelectorAll('li').length);
    if (is !== was) document.querySelector('[data-news]').textContent = `${is} ${is === 1 ? 'job' : 'jobs'}`;
  });
  setInterval(refreshDurations, 1_000);
  let timer;
  const apply = () => {
    const filters = [...new FormData(form)].filter(([, value]) => value.trim() !== '');
    const query = new URLSearchParams(filters).toString();
    history.replaceState(null, '', location.pathname + (query && `?${query}`));
    void refresh();
  };
  form.addEventListener('input', () => {
    clearTimeout(timer);
    timer = setTimeout(apply, 250);
  });
  form.addEventListener('submit', (event) => {
    event.preventDefault();
    clearTimeout(timer);
    apply();
  });
  document.addEventListener('keydown', (event) => {
    if (event.key !== '/' || event.target.closest('input, select, textarea')) return;
    event.preventDefault();
    form.elements.text.focus();
  });
  if ([...form.querySelectorAll('input, select')].some(isChanged)) apply();
}
