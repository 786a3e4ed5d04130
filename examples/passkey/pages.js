/** Asks the authenticator before a form goes off, and puts its answer into the form. */
const SCRIPT = `
for (const form of document.querySelectorAll('form[data-passkey]')) {
  form.addEventListener('submit', async (event) => {
    event.preventDefault();
    try {
      const answer = await fetch(form.dataset.options, { method: 'POST' });
      const options = await answer.json();
      const credential = form.dataset.passkey === 'create'
        ? await navigator.credentials.create({ publicKey: PublicKeyCredential.parseCreationOptionsFromJSON(options) })
        : await navigator.credentials.get({ publicKey: PublicKeyCredential.parseRequestOptionsFromJSON(options) });
      form.elements.response.value = JSON.stringify(credential);
      form.submit();
    } catch {
      document.querySelector('[role=alert]').textContent = 'The passkey could not be used.';
    }
  });
}`;

const page = (title, problem, body) => `<!doctype html>
<html lang="en"><meta charset="utf-8"><meta name="viewport" content="width=device-width"><title>${title}</title>
<h1>${title}</h1><p role="alert">${problem}</p>
${body}
<script type="module">${SCRIPT}</script></html>`;

const passkeyForm = (action, kind, label) => `<form method="post" action="${action}"
 data-passkey="${kind}" data-options="${action}/options">
<input type="hidden" name="response"><button>${label}</button></form>
<noscript><p>Passkeys need JavaScript.</p></noscript>`;

const below = (uid) => `/login/${encodeURIComponent(uid)}`;

export const loginPage = (uid, problem = '') =>
  page(
    'Sign in',
    problem,
    `<form method="post" action="${below(uid)}">
<p><label>Name <input name="login" autocomplete="username" required></label></p>
<p><label>Password <input name="password" type="password" autocomplete="current-password" required></label></p>
<button>Sign in</button></form>
${passkeyForm(`${below(uid)}/passkey`, 'get', 'Sign in with a passkey')}`,
  );

export const otherPage = (uid, problem = '') =>
  page(
    'Use a passkey',
    problem,
    `${passkeyForm(`${below(uid)}/passkey`, 'get', 'Use a passkey')}
<p><a href="/sekisho/${encodeURIComponent(uid)}">Use a code instead</a></p>`,
  );

export const passkeysPage = (ids, problem = '') =>
  page(
    'Your passkeys',
    problem,
    `<ul>${ids
      .map(
        (id) => `<li><form method="post" action="/passkeys/remove"><code>${id}</code>
<input type="hidden" name="id" value="${id}"><button>Remove</button></form></li>`,
      )
      .join('')}</ul>
${passkeyForm('/passkeys', 'create', 'Add a passkey')}`,
  );
