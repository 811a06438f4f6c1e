/* app.js — progressive enhancement only: every action here is also a plain link or a plain form submit.
   Ballot keys are digits and arrows: letters would collide with Telex, where S F R X J W Z are tone and vowel keys. */
(() => {
  'use strict';
  const root = document.documentElement, $ = (id) => document.getElementById(id);
  const all = (selector, scope = document) => [...scope.querySelectorAll(selector)];
  root.classList.add('js');

  /* ---------- every page ---------- */
  const summary = document.querySelector('.errsum');        // a reader of the screen hears first what is wrong
  if (summary) summary.focus();

  const here = document.querySelector('.nav [aria-current]');   // phones: the current item is first in view
  if (here) {
    const strip = here.closest('ul');
    if (strip.scrollWidth > strip.clientWidth) strip.scrollLeft += here.getBoundingClientRect().left - 16;
  }

  const menus = all('details.me');
  const shut = (except) => menus.forEach((m) => { if (m !== except) m.open = false; });
  document.addEventListener('click', (e) => shut(e.target.closest('details.me')));
  document.addEventListener('keydown', (e) => {
    const open = e.key === 'Escape' && menus.find((m) => m.open);
    if (open) { shut(); open.querySelector('summary').focus(); }
  });

  // The server answers a repeated post with the first result; this only spares a slow line the second upload.
  document.addEventListener('submit', (e) => {
    const form = e.target;
    if (form.method !== 'post' || e.defaultPrevented) return;
    if (form.dataset.sent) { e.preventDefault(); return; }
    form.dataset.sent = '1';
    setTimeout(() => delete form.dataset.sent, 4000);
  });
  addEventListener('pageshow', () => all('form[data-sent]').forEach((f) => delete f.dataset.sent));

  document.addEventListener('click', (e) => {
    const print = e.target.closest('[data-print]'), reveal = e.target.closest('[data-reveal]');
    if (print) window.print();
    if (reveal) {
      const field = $(reveal.dataset.reveal), hidden = field.type === 'password';
      field.type = hidden ? 'text' : 'password';
      reveal.setAttribute('aria-pressed', String(hidden));
      reveal.firstElementChild.textContent = hidden ? 'Ẩn' : 'Hiện';
    }
  });

  // A file that cannot be accepted is named before it travels over 50 kbit/s.
  const MB = 1024 * 1024;
  document.addEventListener('change', (e) => {
    const field = e.target;
    if (!field.matches('input[type=file][data-max-mb]')) return;
    const told = $(field.id + '-xem'), most = Number(field.dataset.maxMb), file = field.files[0];
    if (!told) return;
    const mb = file ? file.size / MB : 0, heavy = mb > most;
    const size = mb >= 1 ? mb.toFixed(1).replace('.', ',') + ' MB' : Math.max(1, Math.round(mb * 1024)) + ' KB';
    told.className = heavy ? 'err' : 'hint';
    told.textContent = !file ? '' : heavy
      ? `Tệp nặng ${size}, tối đa ${most} MB. Quét lại ở 150 dpi đen trắng hoặc tách phụ lục.`
      : `Đã chọn: ${file.name}, ${size}`;
    field.toggleAttribute('aria-invalid', heavy);
  });

  // A large file travels in parts, in the words of tus 1.0: a broken line costs one part, and the form is sent
  // once the file has arrived. Small files, and all files without scripts, travel with the form.
  const PART = 256 * 1024, kept = window.sessionStorage;
  const pause = (seconds) => new Promise((done) => { setTimeout(done, seconds * 1000); addEventListener('online', done, { once: true }); });
  const speak = (method, url, headers, body) => fetch(url, {
    method, body, redirect: 'manual',
    headers: { 'Tus-Resumable': '1.0.0', 'X-CSRFToken': document.querySelector('[name=csrf_token]').value, ...headers },
  });
  const faultOf = async (answer) => answer.type === 'opaqueredirect' || answer.status === 400
    ? 'Phiên làm việc đã hết. Tải lại trang, đăng nhập rồi gửi lại; phần đã gửi còn giữ.'
    : (answer.status === 422 || answer.status === 413 || answer.status === 429) && await answer.text();
  const sendParts = async (field, tell) => {
    const file = field.files[0], mark = ['tep', file.name, file.size, file.lastModified].join(':');
    let url = kept.getItem(mark), offset = 0, wait = 1, unsure = Boolean(url);
    for (;;) {
      try {
        if (!url) {
          const name = btoa(String.fromCharCode(...new TextEncoder().encode(file.name)));
          const begun = await speak('POST', field.dataset.parts, { 'Upload-Length': file.size, 'Upload-Metadata': 'filename ' + name });
          const fault = !begun.ok && await faultOf(begun);
          if (fault) return { fault };
          if (!begun.ok) throw begun;
          kept.setItem(mark, url = begun.headers.get('Location'));
          offset = 0;
        } else if (unsure) {
          const seen = await speak('HEAD', url);
          if (seen.status === 404) { kept.removeItem(mark); url = null; continue; }
          if (!seen.ok) throw seen;
          offset = Number(seen.headers.get('Upload-Offset'));
        }
        unsure = false;
        do {
          const sent = await speak('PATCH', url, { 'Content-Type': 'application/offset+octet-stream', 'Upload-Offset': offset }, file.slice(offset, offset + PART));
          const fault = await faultOf(sent);
          if (fault) { if (sent.status === 422) kept.removeItem(mark); return { fault }; }
          if (!sent.ok && sent.status !== 409) throw sent;
          offset = Number(sent.headers.get('Upload-Offset'));
          wait = 1;
          tell(offset / file.size);
        } while (offset < file.size);
        kept.removeItem(mark);
        return { id: url.split('/').pop(), name: file.name };
      } catch (broken) {
        tell(offset / file.size, true);
        await pause(wait);
        wait = Math.min(wait * 2, 15);
        unsure = true;
      }
    }
  };
  const showProgress = (field) => {
    const told = $(field.id + '-xem'), bar = document.createElement('progress');
    let last = '';
    bar.max = 1;
    bar.setAttribute('aria-label', 'Tiến độ gửi tệp');
    told.after(bar);
    return (share, broken) => {
      const text = broken ? 'Đường truyền đứt, đang nối lại; phần đã gửi còn giữ.' : `Đã gửi ${Math.floor(share * 10) * 10}%`;
      bar.value = share;
      if (text !== last) { told.className = broken ? 'err' : 'hint'; told.textContent = last = text; }
      if (share === 1) bar.remove();
      return bar;
    };
  };
  document.addEventListener('submit', async (e) => {
    const form = e.target, by = e.submitter;
    const large = all('input[type=file][data-parts]', form).filter((f) => f.files[0] && f.files[0].size > PART && f.files[0].size <= Number(f.dataset.maxMb) * MB);
    if (form.dataset.parts) { e.preventDefault(); return; }
    if (!large.length) return;
    e.preventDefault();
    form.dataset.parts = '1';
    for (const field of large) {
      const tell = showProgress(field), told = $(field.id + '-xem'), { id, name, fault } = await sendParts(field, tell);
      if (fault) {
        tell(0).remove();
        told.className = 'err';
        told.textContent = fault;
        delete form.dataset.parts;
        return;
      }
      all(`input[name="${field.name}-held"]`, form).forEach((one) => one.remove());
      const arrived = document.createElement('input');
      Object.assign(arrived, { type: 'hidden', name: field.name + '-held', value: id });
      field.after(arrived);
      field.value = '';
      told.className = 'hint';
      told.textContent = `Đã nhận ${name}`;
    }
    delete form.dataset.parts;
    form.requestSubmit(by);
  }, true);

  // Lists with tick boxes: <form data-batch>, boxes [data-tick], [data-tick-all], result in [data-ticked].
  all('form[data-batch]').forEach((form) => {
    const boxes = () => all('[data-tick]', form), whole = form.querySelector('[data-tick-all]');
    const told = form.querySelector('[data-ticked]');
    const count = () => {
      const list = boxes(), n = list.filter((b) => b.checked).length;
      if (told) told.textContent = n ? `Đã chọn ${n}` : 'Chưa chọn hồ sơ nào';
      if (whole) { whole.checked = n > 0 && n === list.length; whole.indeterminate = n > 0 && n < list.length; }
    };
    form.addEventListener('change', (e) => {
      if (e.target === whole) boxes().forEach((b) => { b.checked = whole.checked; });
      count();
    });
    count();
  });

  /* ---------- council ballot: form#phieu[data-quota], groups #nhom-1 (ranked), #nhom-2 (open), #nhom-3 (other) ---------- */
  const form = $('phieu'), ranked = $('nhom-1'), todo = $('nhom-2'), other = $('nhom-3'), cut = $('vach');
  if (!form || !ranked || !todo || !other || !cut) return;
  const QUOTA = Number(form.dataset.quota) || Infinity;     // no quota: nothing is cut off
  const isRow = (el) => el && el.matches('.row') && el.querySelector('.vote');
  const rows = () => all('.row', form).filter(isRow);
  const keysOn = () => !$('bat-phim') || $('bat-phim').checked;
  const say = (id, text) => { const el = $(id); if (el) el.textContent = text; };
  const make = (tag, text, cls) => Object.assign(document.createElement(tag), { textContent: text, className: cls || '' });

  function show(row) {                                      // the side panel follows the selected row
    rows().forEach((r) => { r.classList.toggle('is-sel', r === row); r.tabIndex = r === row ? 0 : -1; });
    say('xv', row.dataset.name);
    say('xv-s', row.dataset.s ? row.dataset.s + ' điểm' : '–');
    say('xv-h', row.dataset.h || '–');
    say('xv-q', row.dataset.q ? '“' + row.dataset.q + '”' : '');
    const papers = row.querySelector('.papers'), list = $('xv-t');
    if (list) list.replaceChildren(...(papers ? papers.cloneNode(true).childNodes : []));
  }
  function go(row) {
    if (!row) return;
    show(row); row.focus({ preventScroll: true });
    row.scrollIntoView({ block: 'nearest' });
  }
  function tally() {
    const list = all('.row', ranked), n = list.length, over = Math.max(0, n - QUOTA);
    list.forEach((r, i) => { const at = r.querySelector('.at-n'); if (at) at.textContent = i + 1; });
    const last = list[Math.min(n, QUOTA) - 1];
    if (last) last.after(cut); else ranked.append(cut);
    if (QUOTA < Infinity) cut.textContent = 'Vạch chỉ tiêu: ' + (n < QUOTA ? `còn ${QUOTA - n} chỗ trên vạch` : over ? `${over} hồ sơ nằm dưới vạch` : `đủ ${QUOTA} chỗ`);
    if ($('qn')) $('qn').firstElementChild.textContent = n;
    say('ct', QUOTA < Infinity ? `Bạn đã đồng ý ${n} trên ${QUOTA} chỉ tiêu` : `Bạn đã đồng ý ${n} hồ sơ`);
    if ($('ghe')) $('ghe').replaceChildren(...Array.from({ length: Math.max(n, QUOTA) }, (_, i) => make('i', i + 1, i >= QUOTA ? 'over' : i < n ? 'on' : '')));
    [todo, other].forEach((g) => { const at = g.querySelector('.dem'); if (at) at.textContent = all('.row', g).length + ' hồ sơ'; });
    const open = all('.row', todo).length, sum = rows().length;
    if ($('tinh-trang')) $('tinh-trang').replaceChildren(make('b', `Đã bỏ ${sum - open}/${sum} phiếu`),
      (QUOTA < Infinity ? `, đồng ý ${n}/${QUOTA} chỉ tiêu.` : `, đồng ý ${n}.`) + (over ? ` Vượt ${over}: vẫn gửi được, hồ sơ dưới vạch không được đề nghị.` : ' Chưa lưu.'));
  }
  function place(row, v) {
    if (v === '1') { const r = all('.row', ranked).filter((x) => x !== row); r.length ? r[r.length - 1].after(row) : cut.before(row); }
    else (v ? other : todo).append(row);
    const why = row.querySelector('.why');
    if (why && (v === '2' || v === '3')) why.open = true;
    tally();
  }
  function vote(row, v) {
    const next = row.nextElementSibling, wasTodo = row.parentElement === todo;
    all('.vote input', row).forEach((i) => { i.checked = i.value === v; });
    place(row, v === '0' ? '' : v);
    go(wasTodo ? (isRow(next) ? next : todo.querySelector('.row')) || row : row);
  }
  function move(row, d) {
    if (row.parentElement !== ranked) return;
    const list = all('.row', ranked), to = list[list.indexOf(row) + d];
    if (!to) return;
    d < 0 ? to.before(row) : to.after(row);
    tally(); go(row);
  }

  form.addEventListener('change', (e) => {
    if (!e.target.matches('.vote input')) return;
    const r = e.target.closest('.row');
    place(r, e.target.value); show(r); e.target.focus();
  });
  form.addEventListener('focusin', (e) => { const r = e.target.closest('.row'); if (isRow(r)) show(r); });
  form.addEventListener('click', (e) => {
    const b = e.target.closest('.mv button');
    if (b) { e.preventDefault(); move(b.closest('.row'), b.name === 'len' ? -1 : 1); b.focus(); }
  });
  // An input method may take the key over and tell 'Process'; then the place on the keyboard says which it was.
  const digit = (e) => (/^[0-3]$/.test(e.key) ? e.key : e.key === 'Process' ? (/^(?:Digit|Numpad)([0-3])$/.exec(e.code) || [])[1] : '');
  form.addEventListener('keydown', (e) => {
    if (!keysOn() || e.isComposing || e.ctrlKey || e.metaKey || e.target.matches('textarea, select, input:not([type=radio])')) return;
    const row = e.target.closest('.row');
    if (!isRow(row)) return;
    const list = rows(), d = { ArrowUp: -1, ArrowDown: 1 }[e.key];
    if (d) { e.preventDefault(); if (e.altKey) move(row, d); else go(list[list.indexOf(row) + d]); }
    else if (!e.altKey && digit(e)) { e.preventDefault(); vote(row, digit(e)); }
  });
  const first = rows().find((r) => r.classList.contains('is-sel')) || rows()[0];
  if (first) show(first);
})();
