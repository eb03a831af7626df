import { Aws, Duration, RemovalPolicy } from 'aws-cdk-lib';
import type { RestApi } from 'aws-cdk-lib/aws-apigateway';
import type { ICertificate } from 'aws-cdk-lib/aws-certificatemanager';
import {
  AllowedMethods,
  type BehaviorOptions,
  CachePolicy,
  Distribution,
  type DistributionProps,
  Function as EdgeFunction,
  FunctionCode,
  FunctionEventType,
  FunctionRuntime,
  HttpVersion,
  OriginRequestPolicy,
  SecurityPolicyProtocol,
  ViewerProtocolPolicy,
} from 'aws-cdk-lib/aws-cloudfront';
import { RestApiOrigin, S3BucketOrigin } from 'aws-cdk-lib/aws-cloudfront-origins';
import {
  BlockPublicAccess,
  Bucket,
  BucketEncryption,
  type IBucket,
  ObjectOwnership,
} from 'aws-cdk-lib/aws-s3';
import { Construct } from 'constructs';
import { logoOf, type ProfileFile, profileFileOf } from '../files/profile-file.ts';
import { acknowledgeFinding } from '../parts/findings.ts';
import type { SignInSource } from '../sign-in/sign-in-source.ts';
import { consoleConfig } from './console-config.ts';
import { ConsoleFiles } from './console-files.ts';
import { ConsoleHeaders } from './console-headers.ts';
import { builtConsolePage, type ConsolePage } from './console-page.ts';

export interface ConsoleProps {
  /** The profile of the product: its name, the path of its file, or what `loadProfile` has read. */
  readonly profile: string | ProfileFile;
  /** The management API, which gets the console's origin. */
  readonly managementApi: RestApi;
  /** Where people sign in. */
  readonly signIn: SignInSource;
  /**
   * The API of the product, which the page shows a first call of: one of this app, or its address.
   * @default the page shows no address
   */
  readonly productApi?: RestApi | string | undefined;
  /**
   * A domain of your own for the console and the management API behind it. Let its name lead to the `distribution`.
   * @default a domain of CloudFront's
   */
  readonly domain?: ConsoleDomain | undefined;
  /**
   * The origins whose pages may show the console in a frame.
   * @default none
   */
  readonly frameOrigins?: readonly string[] | undefined;
  /**
   * Where a page whose session has ended leads.
   * @default nowhere
   */
  readonly returnUrl?: string | undefined;
  /**
   * The files of the page.
   * @default Keyward's own
   */
  readonly page?: ConsolePage | undefined;
}

export interface ConsoleDomain {
  /** Such as `keys.example.com`. */
  readonly domainName: string;
  /** The certificate of the domain. CloudFront takes certificates from us-east-1 only. */
  readonly certificate: ICertificate;
}

/** The paths that the page's files are under. All others are the management API's. */
const PAGE_PATHS = ['/', '/console', '/console/*'];

/** CloudFront keeps these answers for ten seconds and for every caller, unless it is told not to. */
const KEPT_ERRORS = [400, 403, 404, 405, 414, 416, 500, 501, 502, 503, 504];

/**
 * The console: a page in a private bucket behind CloudFront, on one origin with the management API. So the page calls the API
 * without a preflight, and no other origin needs to be let in.
 */
export class Console extends Construct {
  readonly distribution: Distribution;
  /** Where the console is, as `https://…/console/`. */
  readonly url: string;

  constructor(scope: Construct, id: string, props: ConsoleProps) {
    super(scope, id);
    const { managementApi, domain } = props;
    const profileFile = profileFileOf(props.profile);
    const bucket = this.#addBucket();
    this.distribution = new Distribution(this, 'Distribution', {
      comment: `Keyward: the console of ${profileFile.console.product}`,
      defaultBehavior: apiBehavior(managementApi),
      additionalBehaviors: this.#pageBehaviors(bucket, props),
      errorResponses: KEPT_ERRORS.map((httpStatus) => ({ httpStatus, ttl: Duration.seconds(0) })),
      httpVersion: HttpVersion.HTTP2_AND_3,
      ...(domain !== undefined && domainProps(domain)),
    });
    for (const finding of ['CFR1', 'CFR2', 'CFR3'] as const) acknowledgeFinding(this.distribution, finding);
    if (domain === undefined) acknowledgeFinding(this.distribution, 'CFR4');
    new ConsoleFiles(this, 'Files', {
      bucket,
      page: props.page ?? builtConsolePage(),
      logo: logoOf(profileFile),
      config: consoleConfig(profileFile, {
        signIn: props.signIn,
        productUrl: urlOf(props.productApi),
        returnUrl: props.returnUrl,
      }),
    });
    this.url = `https://${domain?.domainName ?? this.distribution.distributionDomainName}/console/`;
  }

  #addBucket(): IBucket {
    const bucket = new Bucket(this, 'Page', {
      blockPublicAccess: BlockPublicAccess.BLOCK_ALL,
      encryption: BucketEncryption.S3_MANAGED,
      enforceSSL: true,
      objectOwnership: ObjectOwnership.BUCKET_OWNER_ENFORCED,
      removalPolicy: RemovalPolicy.DESTROY,
    });
    acknowledgeFinding(bucket, 'S1');
    return bucket as IBucket;
  }

  #pageBehaviors(bucket: IBucket, props: ConsoleProps): Record<string, BehaviorOptions> {
    const { signIn, productApi, frameOrigins = [] } = props;
    const productUrl = urlOf(productApi);
    const behavior: BehaviorOptions = {
      origin: S3BucketOrigin.withOriginAccessControl(bucket),
      viewerProtocolPolicy: ViewerProtocolPolicy.REDIRECT_TO_HTTPS,
      cachePolicy: CachePolicy.CACHING_OPTIMIZED,
      responseHeadersPolicy: new ConsoleHeaders(this, 'Headers', {
        called: [...signIn.calledUrls, ...(productUrl === undefined ? [] : [productUrl])],
        frameOrigins,
      }),
      functionAssociations: [{ function: this.#addPaths(), eventType: FunctionEventType.VIEWER_REQUEST }],
    };
    return Object.fromEntries(PAGE_PATHS.map((path) => [path, behavior]));
  }

  /** Leads every path to a file: the bucket has no index, and the page chooses what it shows by the fragment alone. */
  #addPaths(): EdgeFunction {
    return new EdgeFunction(this, 'Paths', {
      comment: 'Keyward: leads paths of the console to its page',
      runtime: FunctionRuntime.JS_2_0,
      code: FunctionCode.fromInline(PATHS),
    });
  }
}

function domainProps({ domainName, certificate }: ConsoleDomain): Partial<DistributionProps> {
  return {
    domainNames: [domainName],
    certificate,
    minimumProtocolVersion: SecurityPolicyProtocol.TLS_V1_2_2021,
  };
}

/** The management API, exactly as it answers: nothing is kept, and every header passes but `Host`, which names the API. */
function apiBehavior(api: RestApi): BehaviorOptions {
  return {
    origin: new RestApiOrigin(api),
    viewerProtocolPolicy: ViewerProtocolPolicy.HTTPS_ONLY,
    allowedMethods: AllowedMethods.ALLOW_ALL,
    cachePolicy: CachePolicy.CACHING_DISABLED,
    originRequestPolicy: OriginRequestPolicy.ALL_VIEWER_EXCEPT_HOST_HEADER,
  };
}

/** CloudFront's own JavaScript, which knows neither modules nor everything newer. */
const PATHS = `function handler(event) {
  var request = event.request;
  if (request.uri === '/console/') {
    request.uri = '/console/index.html';
    return request;
  }
  if (request.uri.slice(request.uri.lastIndexOf('/')).indexOf('.') !== -1) return request;
  return { statusCode: 302, statusDescription: 'Found', headers: { location: { value: '/console/' } } };
}
`;

/** An address without a slash at its end. */
function urlOf(api: RestApi | string | undefined): string | undefined {
  if (api === undefined || typeof api === 'string') return api?.replace(/\/$/, '');
  const { restApiId, deploymentStage } = api;
  return `https://${restApiId}.execute-api.${Aws.REGION}.${Aws.URL_SUFFIX}/${deploymentStage.stageName}`;
}
