/**
 * The bundler replaces the SDK's endpoint cache with this. Endpoint discovery is off by default. If somebody turns it on, it
 * still works, only slower. Saves 7 kB in every function.
 */
export class EndpointCache {
  getEndpoint(): undefined {
    return undefined;
  }

  has(): false {
    return false;
  }

  set(): void {}

  delete(): void {}
}
