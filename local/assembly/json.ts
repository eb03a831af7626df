import { CannotRun } from '../cannot-run.ts';

export type Json = null | boolean | number | string | Json[] | JsonObject;
export interface JsonObject {
  [name: string]: Json;
}

export function isObject(value: unknown): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** Reads typed values out of resolved properties. Error messages name `where`, such as `Stack/LogicalId`. */
export class PropertyReader {
  readonly where: string;
  readonly #values: JsonObject;

  constructor(where: string, values: JsonObject) {
    this.where = where;
    this.#values = values;
  }

  text(name: string): string {
    return this.optionalText(name) ?? this.#refuse(name, 'a text');
  }

  optionalText(name: string): string | undefined {
    const value = this.#values[name];
    if (value === undefined || typeof value === 'string') return value;
    // CloudFormation converts scalars to the type that the property has.
    if (typeof value === 'number' || typeof value === 'boolean') return String(value);
    return this.#refuse(name, 'a text');
  }

  number(name: string, fallback: number): number {
    const value = this.#values[name];
    if (value === undefined) return fallback;
    const number = typeof value === 'string' && value.trim() !== '' ? Number(value) : value;
    return typeof number === 'number' && Number.isFinite(number) ? number : this.#refuse(name, 'a number');
  }

  boolean(name: string): boolean {
    const value = this.#values[name];
    if (value === undefined || value === false || value === 'false') return false;
    return value === true || value === 'true' ? true : this.#refuse(name, 'true or false');
  }

  object(name: string): PropertyReader {
    return new PropertyReader(`${this.where} ${name}`, this.record(name));
  }

  record(name: string): JsonObject {
    const value = this.#values[name];
    if (value === undefined) return {};
    return isObject(value) ? value : this.#refuse(name, 'an object');
  }

  texts(name: string): Record<string, string> {
    const reader = this.object(name);
    return Object.fromEntries(Object.keys(this.record(name)).map((key) => [key, reader.text(key)]));
  }

  list(name: string): Json[] {
    const value = this.#values[name];
    if (value === undefined) return [];
    return Array.isArray(value) ? value : this.#refuse(name, 'a list');
  }

  /** IAM allows one text in place of a list with one element. */
  textList(name: string): string[] {
    return typeof this.#values[name] === 'string' ? [this.text(name)] : this.list(name).map(String);
  }

  objects(name: string): PropertyReader[] {
    return this.list(name).map((value, index) =>
      isObject(value)
        ? new PropertyReader(`${this.where} ${name}[${index}]`, value)
        : this.#refuse(`${name}[${index}]`, 'an object'),
    );
  }

  has(name: string): boolean {
    return this.#values[name] !== undefined;
  }

  #refuse(name: string, expected: string): never {
    throw new CannotRun(
      `${this.where}: ${name} must be ${expected}, found ${JSON.stringify(this.#values[name])}.`,
    );
  }
}
