/**
 * The one place where the page holds a new key. Views read it when they need it and put it into no state, so that it is gone
 * once it was forgotten.
 */
export class OneTimeSecret {
  #text: string | null;

  constructor(text: string) {
    this.#text = text;
  }

  read(): string {
    return this.#text ?? '';
  }

  forget(): void {
    this.#text = null;
  }
}
