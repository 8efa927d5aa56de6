// What was typed into a form whose session had ended stands in it again after the sign-in. It waits in this tab alone,
// until the next page; passwords, secrets and files do not wait.
(() => {
  'use strict';

  const KEY = 'typed';
  const path = window.location.pathname;
  const isLogin = (place) => /^\/login(\/|$)/.test(place);

  const put = ({ action, fields }) => {
    const form = [...document.forms].find((one) => one.getAttribute('action') === action);
    for (const field of form?.elements ?? []) {
      if (!field.name || ['hidden', 'submit', 'file', 'password'].includes(field.type)) continue;
      const values = fields.filter(([name]) => name === field.name).map(([, value]) => value);
      if (['checkbox', 'radio'].includes(field.type)) {
        field.checked = values.includes(field.value);
      } else if (values.length) {
        field.value = values[0];
        fields.splice(fields.findIndex(([name]) => name === field.name), 1);
      }
      const fold = field.closest('details');
      if (fold && values.some((value) => value !== '')) fold.open = true;
    }
  };

  if (!isLogin(path)) {
    try {
      const typed = JSON.parse(window.sessionStorage.getItem(KEY));
      const from = document.referrer && new URL(document.referrer);
      if (typed?.path === path && from && from.origin === window.location.origin && isLogin(from.pathname)) put(typed);
    } finally {
      window.sessionStorage.removeItem(KEY);
    }
    document.addEventListener('submit', ({ target: form, defaultPrevented }) => {
      if (defaultPrevented || form.method !== 'post' || form.querySelector('[type="password"], [type="file"]')) return;
      const fields = [...new FormData(form)];
      window.sessionStorage.setItem(KEY, JSON.stringify({ path, action: form.getAttribute('action'), fields }));
    });
  }
})();
