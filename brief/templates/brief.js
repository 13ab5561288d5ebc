(() => {
  'use strict';
  const $ = (selector, root = document) => root.querySelector(selector);
  const all = (selector, root = document) => [...root.querySelectorAll(selector)];
  const figures = JSON.parse($('#figures').textContent);

  /* ---- texts that are packed: what only an open row or a chart needs */
  const unpacked = (selector) => {
    const bytes = Uint8Array.from(atob($(selector).textContent), (character) => character.charCodeAt(0));
    return new Response(new Blob([bytes]).stream().pipeThrough(new DecompressionStream('gzip'))).text();
  };
  const once = (read) => {
    let answer;
    return () => (answer ??= read());
  };

  /* ---- tables: sort, and CSV of what is shown */
  const value = (cell) => (cell.dataset.v ?? cell.textContent).trim();
  const ordered = (a, b) => {
    if (a === b) return 0;
    if (a === '') return 1;
    if (b === '') return -1;
    const [x, y] = [Number(a), Number(b)];
    return Number.isNaN(x) || Number.isNaN(y) ? a.localeCompare(b, 'en') : x - y;
  };
  const units = (table) => table.tBodies.length > 1 || table.id === 'ranking' ? [...table.tBodies] : [...table.tBodies[0].rows];
  const cells = (unit) => (unit.tagName === 'TBODY' ? unit.rows[0] : unit).cells;
  for (const table of all('table[data-sortable]')) {
    const headings = [...table.tHead.rows[0].cells];
    headings.forEach((heading, column) => $('.sorter', heading)?.addEventListener('click', () => {
      const direction = heading.ariaSort === 'ascending' ? 'descending' : 'ascending';
      headings.forEach((other) => other.removeAttribute('aria-sort'));
      heading.setAttribute('aria-sort', direction);
      const sign = direction === 'ascending' ? 1 : -1;
      const rows = units(table).map((unit, place) => ({ unit, place, key: value(cells(unit)[column]) }));
      // What is missing stays last, whichever way.
      rows.sort((a, b) => (a.key === '' || b.key === '' ? ordered(a.key, b.key) : sign * ordered(a.key, b.key)) || a.place - b.place);
      const parent = rows[0]?.unit.parentNode;
      if (parent) parent.append(...rows.map((row) => row.unit));
    }));
  }
  // As runner/export.py does: a text that a spreadsheet would run begins with an apostrophe, a control character is U+FFFD.
  const isNumber = /^-?\d+(\.\d+)?(e-?\d+)?$/i;
  const formula = /^[\x00-\x20]*[=+@\-\uff1d\uff0b\uff0d\uff20]|^[\t\r\n]/;
  const control = /[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f]/g;
  const field = (text, numeric) => {
    if (!(numeric && isNumber.test(text))) text = (formula.test(text) ? "'" : '') + text.replace(control, '\ufffd');
    return /[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
  };
  const csv = (table) => {
    const columns = [...table.tHead.rows[0].cells].map((heading, place) => ({ name: heading.dataset.name, place })).filter((column) => column.name);
    const rows = units(table).filter((unit) => !unit.hidden).map((unit) => columns.map(({ place }) => {
      const cell = cells(unit)[place];
      return field(value(cell), cell.dataset.v !== undefined);
    }));
    return [columns.map((column) => column.name), ...rows].map((row) => row.join(',')).join('\r\n') + '\r\n';
  };
  for (const button of all('[data-csv]')) {
    button.addEventListener('click', () => {
      const table = document.getElementById(button.dataset.csv);
      if (!table) return;
      const address = URL.createObjectURL(new Blob([csv(table)], { type: 'text/csv;charset=utf-8' }));
      const anchor = Object.assign(document.createElement('a'), { href: address, download: table.dataset.file ?? `${table.id}.csv` });
      anchor.click();
      setTimeout(() => URL.revokeObjectURL(address), 1000);
    });
  }

  /* ---- copy SQL */
  const copy = async (text) => {
    try {
      await navigator.clipboard.writeText(text);
    } catch {
      const area = Object.assign(document.createElement('textarea'), { value: text });
      document.body.append(area);
      area.select();
      document.execCommand('copy');
      area.remove();
    }
  };
  for (const button of all('[data-copy]')) {
    button.addEventListener('click', async () => {
      await copy(document.getElementById(button.dataset.copy).textContent);
      const label = button.textContent;
      button.textContent = 'Copied';
      setTimeout(() => { button.textContent = label; }, 1200);
    });
  }

  /* ---- ranking: filters and the watchlist, kept in the address */
  const table = $('#ranking');
  const issuers = table ? [...table.tBodies].map((body) => ({
    body, key: body.dataset.k, role: body.dataset.r, market: body.rows[0].cells[5].textContent.trim(),
    value: Number(body.rows[0].cells[7].dataset.v), text: body.textContent.toLowerCase(), star: $('.star', body),
  })) : [];
  const inputs = { q: $('#f-search'), market: $('#f-market'), role: $('#f-role'), min: $('#f-value'), only: $('#f-watch') };
  const watched = new Set();
  const read = () => {
    const state = new URLSearchParams(location.hash.slice(1));
    watched.clear();
    for (const key of state.getAll('watch')) watched.add(key);
    for (const name of ['q', 'market', 'role', 'min']) inputs[name].value = state.get(name) ?? '';
    inputs.only.checked = state.has('only');
  };
  const write = () => {
    const state = new URLSearchParams();
    for (const key of watched) state.append('watch', key);
    for (const name of ['q', 'market', 'role', 'min']) if (inputs[name].value) state.set(name, inputs[name].value);
    if (inputs.only.checked) state.set('only', '1');
    history.replaceState(null, '', `#${state}`);
  };
  const show = () => {
    const query = inputs.q.value.trim().toLowerCase();
    const least = Number(inputs.min.value || 0);
    let shown = 0;
    for (const issuer of issuers) {
      const isWatched = watched.has(issuer.key);
      issuer.body.hidden = !((!query || issuer.text.includes(query)) && (!inputs.market.value || issuer.market === inputs.market.value)
        && (!inputs.role.value || issuer.role === inputs.role.value) && issuer.value >= least && (!inputs.only.checked || isWatched));
      if (!issuer.body.hidden) shown += 1;
      issuer.star.setAttribute('aria-pressed', String(isWatched));
      issuer.star.textContent = isWatched ? '★' : '☆';
    }
    $('#shown').textContent = `${shown} of ${issuers.length}`;
  };
  // What `explain` answers: in the page for the first rows, packed for the others.
  const whys = once(async () => JSON.parse(await unpacked('#why')));
  const explain = async (body) => {
    const why = (await whys())[body.dataset.k];
    const place = $('.ev > td', body);
    if (why && !$('.why', place)) $('p', place).insertAdjacentHTML('afterend', why);
  };
  const toggle = (body) => {
    explain(body);
    const isOpen = body.classList.toggle('open');
    $('.fold', body).setAttribute('aria-expanded', String(isOpen));
  };
  if (table) {
    document.addEventListener('click', (event) => {
      const link = event.target.closest('[data-opens]');
      const body = link && issuers.find(({ key }) => key === link.dataset.opens)?.body;
      if (!body) return;
      event.preventDefault();
      if (!body.classList.contains('open')) toggle(body);
      body.hidden = false;
      body.scrollIntoView({ block: 'center' });
    });
    table.addEventListener('click', (event) => {
      const body = event.target.closest('tbody[data-k]');
      if (!body) return;
      if (event.target.closest('.star')) {
        if (!watched.delete(body.dataset.k)) watched.add(body.dataset.k);
        write();
        show();
      } else if (event.target.closest('[data-history]')) {
        choose(body.dataset.k);
        $('#charts').scrollIntoView({ behavior: 'smooth' });
      } else if (event.target.closest('.main') && !event.target.closest('a') && !String(getSelection())) {
        toggle(body);
      }
    });
  }
  $('#filters').addEventListener('input', () => { write(); show(); });
  $('#filters').addEventListener('submit', (event) => event.preventDefault());
  $('#filters').addEventListener('reset', () => setTimeout(() => { write(); show(); }));
  addEventListener('hashchange', () => { if (location.hash.includes('=') || location.hash === '') { read(); show(); } });
  if (location.hash.includes('=')) { read(); show(); }

  /* ---- charts: drawn when they come near, in place of the drawing that is there without a script */
  const DAY = 86400000;
  const views = {};
  const rows = (key) => {
    const scores = new Map();
    const [runs, amendments] = figures.histories[key] ?? [[], []];
    // Each run begins so many days ago with a score in hundredths, and goes on for some days in equal steps.
    for (const [ago, first, step, days] of runs) for (let day = 0; day < days; day += 1) scores.set(ago - day, (first + day * step) / 100);
    const amended = new Set(amendments);
    return Array.from({ length: 90 }, (_, place) => 89 - place)
      .map((ago) => ({ day: figures.last - ago * DAY, score: scores.get(ago) ?? null, amended: amended.has(ago) }));
  };
  const picker = $('#f-history');
  picker?.append(...issuers.map(({ body, key }) => new Option(`${value(cells(body)[0])} ${value(cells(body)[4])}`, key)));
  const choose = async (key) => {
    if (!picker) return;
    picker.value = key;
    const { view } = await draw($('[data-chart=history]'));
    await view.data('scores', rows(key)).runAsync();
  };
  // Not read before a chart is near: the tables are there sooner.
  const vega = once(async () => {
    document.head.append(Object.assign(document.createElement('script'), { textContent: await unpacked('#vega') }));
  });
  const draw = (place) => {
    const name = place.dataset.chart;
    views[name] ??= (async () => {
      await vega();
      // Apart from the page until it is drawn: nothing jumps.
      const holder = document.createElement('div');
      const result = await vegaEmbed(holder, figures.specs[name], { actions: false, renderer: 'svg' });
      $('svg', holder).setAttribute('aria-hidden', 'true');
      place.replaceChildren(holder);
      return result;
    })();
    return views[name];
  };
  picker?.addEventListener('change', () => choose(picker.value));
  const watcher = new IntersectionObserver((entries) => {
    for (const entry of entries) if (entry.isIntersecting) { watcher.unobserve(entry.target); draw(entry.target); }
  }, { rootMargin: '300px' });
  for (const place of all('[data-chart]')) watcher.observe(place);
})();
