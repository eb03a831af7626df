/**
 * The bundler replaces the SDK's code for streams of events with this. The SDK loads it for operations that send or answer such a
 * stream, and neither DynamoDB nor API Gateway has one. Saves 18 kB in every function.
 */
export class EventStreamSerde {}

export function eventStreamSerdeProvider(): never {
  throw new Error('Functions are bundled without streams of events.');
}
