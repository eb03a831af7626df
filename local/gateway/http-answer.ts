/** An HTTP response before it is written. A name may come several times. */
export interface HttpAnswer {
  readonly statusCode: number;
  readonly headers: readonly (readonly [name: string, value: string])[];
  readonly body: Buffer;
}
