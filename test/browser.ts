/** As much of a browser as signing in takes: it keeps cookies, and follows an origin's redirects to itself. */
export class Browser {
  readonly #cookies = new Map<string, string>();

  /** @returns a page, or the redirect that leads away from the origin. */
  async open(address: string, form?: Readonly<Record<string, string>>): Promise<Response> {
    const answer = await fetch(address, {
      headers: { Cookie: [...this.#cookies].map((pair) => pair.join('=')).join('; ') },
      ...(form && { method: 'POST', body: new URLSearchParams(form) }),
      redirect: 'manual',
    });
    for (const cookie of answer.headers.getSetCookie()) {
      const [, name = '', value = ''] = /^([^=]+)=([^;]*)/.exec(cookie) ?? [];
      this.#cookies.set(name, value);
    }
    const next = new URL(answer.headers.get('location') ?? 'about:blank', address);
    return next.origin === new URL(address).origin ? this.open(next.href) : answer;
  }
}
