import { type ReviewedTypes, TAGS } from './reviewed-type.ts';

const SITE = 'the files of the assembly, which local/site serves in front of an API';
const NOT_CACHED = 'Nothing is cached, so every request sees the newest file.';
const NO_TLS = 'There is no TLS on the loopback address.';

/** The types of a static site: a bucket with files, and a distribution that serves them in front of an API. */
export const SITE_TYPES: ReviewedTypes = {
  'AWS::CloudFront::Distribution': {
    kind: 'replaced',
    by: SITE,
    honoured: [
      'DistributionConfig.CacheBehaviors.FunctionAssociations',
      'DistributionConfig.CacheBehaviors.PathPattern',
      'DistributionConfig.CacheBehaviors.ResponseHeadersPolicyId',
      'DistributionConfig.CacheBehaviors.TargetOriginId',
      'DistributionConfig.DefaultCacheBehavior.OriginRequestPolicyId',
      'DistributionConfig.DefaultCacheBehavior.TargetOriginId',
      'DistributionConfig.Enabled',
      'DistributionConfig.Origins.DomainName',
      'DistributionConfig.Origins.Id',
      'DistributionConfig.Origins.OriginPath',
      'DistributionConfig.Origins.S3OriginConfig',
    ],
    ignored: {
      ...TAGS,
      'DistributionConfig.Aliases': 'The site listens on the loopback address.',
      'DistributionConfig.CacheBehaviors.CachePolicyId': NOT_CACHED,
      'DistributionConfig.CacheBehaviors.Compress': 'Files are sent as they are.',
      'DistributionConfig.CacheBehaviors.ViewerProtocolPolicy': NO_TLS,
      'DistributionConfig.Comment': 'Read by people only.',
      'DistributionConfig.CustomErrorResponses.ErrorCachingMinTTL': NOT_CACHED,
      'DistributionConfig.CustomErrorResponses.ErrorCode': NOT_CACHED,
      'DistributionConfig.DefaultCacheBehavior.AllowedMethods':
        'An API answers methods that it does not have.',
      'DistributionConfig.DefaultCacheBehavior.CachePolicyId': NOT_CACHED,
      'DistributionConfig.DefaultCacheBehavior.Compress': 'Answers are sent as they are.',
      'DistributionConfig.DefaultCacheBehavior.ViewerProtocolPolicy': NO_TLS,
      'DistributionConfig.HttpVersion': 'The runner speaks HTTP/1.1.',
      'DistributionConfig.IPV6Enabled': 'The site listens on the loopback address.',
      'DistributionConfig.Origins.CustomOriginConfig': NO_TLS,
      'DistributionConfig.Origins.OriginAccessControlId': 'Only the runner reads the files.',
      'DistributionConfig.ViewerCertificate': NO_TLS,
    },
  },
  'AWS::CloudFront::Function': {
    kind: 'run',
    honoured: ['FunctionCode', 'FunctionConfig.Runtime'],
    ignored: {
      AutoPublish: 'The newest code runs.',
      Name: 'Nothing asks for it by its name.',
      'FunctionConfig.Comment': 'Read by people only.',
    },
  },
  'AWS::CloudFront::ResponseHeadersPolicy': {
    kind: 'run',
    honoured: [
      'ResponseHeadersPolicyConfig.CustomHeadersConfig',
      'ResponseHeadersPolicyConfig.SecurityHeadersConfig',
    ],
    ignored: {
      'ResponseHeadersPolicyConfig.Comment': 'Read by people only.',
      'ResponseHeadersPolicyConfig.Name': 'Nothing asks for it by its name.',
    },
  },
  'AWS::CloudFront::OriginAccessControl': { kind: 'inert', because: 'Only the runner reads the files.' },
  'AWS::S3::Bucket': {
    kind: 'replaced',
    by: SITE,
    honoured: ['BucketName'],
    ignored: {
      ...TAGS,
      BucketEncryption: 'The files are those of the assembly.',
      OwnershipControls: 'Nobody else puts files into it.',
      PublicAccessBlockConfiguration: 'Only the runner reads the files.',
    },
  },
  'AWS::S3::BucketPolicy': { kind: 'inert', because: 'Only the runner reads the files.' },
  'Custom::CDKBucketDeployment': {
    kind: 'replaced',
    by: SITE,
    honoured: [
      'DestinationBucketKeyPrefix',
      'DestinationBucketName',
      'SourceMarkers',
      'SourceObjectKeys',
      'SystemMetadata.cache-control',
    ],
    ignored: {
      OutputObjectKeys: 'Nothing reads them.',
      Prune: 'The bucket begins empty.',
      RetainOnDelete: 'The files go when the run ends.',
      ServiceToken: 'The runner does what its function would do.',
      SourceBucketNames: 'The files stand in the assembly.',
      SourceMarkersConfig: 'Values are always written as in a text of JSON.',
      WaitForDistributionInvalidation: NOT_CACHED,
    },
  },
  'AWS::Lambda::LayerVersion': { kind: 'inert', because: 'A function with layers is refused.' },
};
