import type { ServerResponse } from 'node:http';

/**
 * Lets the browser leave a form by a page that moves on, where a redirect would lead to the provider and from there to the
 * relying party: Chromium applies `form-action` to every redirect that follows a form (WEB-02).
 *
 * @param leaving The address that leads out; redirects to other places stay as they are.
 * @param show Answers with the page.
 */
export function leaveByPage(res: ServerResponse, leaving: string, show: (next: string) => void): void {
  const { end } = res;
  res.end = ((...args: Parameters<typeof end>) => {
    res.end = end;
    if (res.getHeader('Location') !== leaving) return end.apply(res, args);
    res.removeHeader('Location');
    res.removeHeader('Content-Length');
    show(leaving);
    return res;
  }) as typeof end;
}
