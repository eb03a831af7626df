/**
 * What the bundler puts in place of the AWS SDK's cache of discovered endpoints. DynamoDB is reached at its Region's one
 * endpoint: discovery is off unless somebody turns it on, and then works without remembering, only slower. The cache and
 * what it is made of are 7 kB that every function would load for nothing.
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
