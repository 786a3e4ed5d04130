// Makes the pages more comfortable; every one of them works without it.
(() => {
  const all = (selector) => document.querySelectorAll(selector);
  const one = (selector) => document.querySelector(selector);
  const status = one('[role=status]');

  // All is done: on to what comes next, without this page in the history.
  const onward = one('#continue');
  if (onward) location.replace(onward.href);

  // Errors: the address ends in #top and the browser has moved there; this helps where it did not (A11-05).
  one('#top[tabindex]')?.focus();

  // A form goes out once, however often its button is pressed.
  addEventListener('submit', (event) => {
    const form = event.target;
    if (form.dataset.sent) return event.preventDefault();
    form.dataset.sent = 'yes';
    form.querySelector('button')?.setAttribute('aria-disabled', 'true');
  });
  addEventListener('pageshow', () => {
    for (const form of all('form[data-sent]')) {
      delete form.dataset.sent;
      form.querySelector('button')?.removeAttribute('aria-disabled');
    }
  });

  // Countdowns. They are no live regions, so nobody hears every second; only the end of a code is told (A11-06).
  const lock = (selector, locked) => {
    for (const button of all(`${selector} button`)) button.disabled = locked;
  };
  const endings = {
    send: () => lock('[data-send]', false),
    try: () => lock('[data-try]', false),
    expire: (counter) => {
      lock('[data-try]', true);
      one('[data-count][data-then=try]')?.closest('.timer').remove();
      one('[data-send] button')?.classList.replace('second', 'primary');
      status.textContent = counter.dataset.text;
    },
  };
  for (const counter of all('[data-count]')) {
    const end = Date.now() + counter.dataset.count * 1000;
    const kind = counter.dataset.then;
    if (kind !== 'expire') lock(`[data-${kind}]`, true);
    const tick = () => {
      const left = Math.max(0, Math.ceil((end - Date.now()) / 1000));
      counter.textContent = `${Math.floor(left / 60)}:${String(left % 60).padStart(2, '0')}`;
      if (left > 0) return;
      clearInterval(timer);
      counter.closest('.timer').remove();
      endings[kind](counter);
    };
    const timer = setInterval(tick, 1000);
    tick();
  }

  // WebOTP: the browser offers the code of an SMS that names this host.
  const code = one('#code');
  if (code && 'OTPCredential' in window) {
    const waiting = new AbortController();
    code.form.addEventListener('submit', () => waiting.abort());
    navigator.credentials
      .get({ otp: { transport: ['sms'] }, signal: waiting.signal })
      .then((otp) => {
        code.value = otp.code;
        if (!code.form.querySelector('button').disabled) code.form.requestSubmit();
      })
      .catch(() => {}); // refused, aborted or not possible here: the person types
  }

  // How the message gets on, asked a few times while it is under way.
  const delivery = one('#delivery[data-state=sending]');
  const ask = async (pauses) => {
    await new Promise((done) => setTimeout(done, pauses[0] * 1000));
    const page = new DOMParser().parseFromString(await (await fetch(location.href)).text(), 'text/html');
    const news = page.querySelector('#delivery');
    if (!news) return;
    delivery.textContent = news.textContent;
    if (news.dataset.state === 'rejected') status.textContent = news.textContent;
    if (news.dataset.state === 'sending' && pauses.length > 1) await ask(pauses.slice(1));
  };
  if (delivery) ask([2, 3, 5, 10]).catch(() => {});

  // A password may be looked at while it is typed.
  for (const reveal of all('[data-reveal]')) {
    reveal.hidden = false;
    reveal.addEventListener('change', (event) => {
      one(`#${reveal.dataset.reveal}`).type = event.target.checked ? 'text' : 'password';
    });
  }
})();
