import { neighbours, type Context, ACCOUNT, arnOf, locate, locateAll, partitionOf, type Placed } from './policies';
import { list } from '../invariants/check';
import { ofType, type Properties, type SynthesisedStack } from '../synthesised';

/** Requests that a service makes of a key on its own account: the key's policy has to grant them. */
export interface ServiceRequests {
  readonly principal: string;
  readonly actions: readonly string[];
  /** What the service sends with them. */
  readonly context: Context;
}

export interface KeyUse {
  readonly type: string;
  /** Where a resource of the type names the key; `*` is every member of a list. */
  readonly path: readonly string[];
  /**
   * What services ask on their own account. Empty: AWS asks on account of whoever makes or uses the resource, so that the
   * policies of roles decide, to which the key's policy must leave it (its statement for the account).
   */
  readonly services: (placed: Placed, among: readonly SynthesisedStack[]) => readonly ServiceRequests[];
  /** Where AWS says so. */
  readonly source: string;
}

const nobody = (): [] => [];
const DOCS = 'https://docs.aws.amazon.com';

/** SQS asks for these when somebody sends, and for Decrypt when somebody receives. */
const SENDING = ['kms:GenerateDataKey', 'kms:Decrypt'];

/** Every resource of the region, of some types. */
const regional = (of: SynthesisedStack, among: readonly SynthesisedStack[], ...types: string[]): Placed[] =>
  neighbours(of, among).flatMap((each) => ofType(each, ...types).map((resource) => ({ resource, of: each })));

const refersTo = (value: unknown, from: Placed, to: Placed, among: readonly SynthesisedStack[]): boolean =>
  locateAll(value, from.of, among).some(({ resource }) => resource === to.resource);

/** Who puts messages into a queue without a role of ours: rules, also as their dead letters, and subscriptions. */
function senders(queue: Placed, among: readonly SynthesisedStack[]): ServiceRequests[] {
  const rules = regional(queue.of, among, 'AWS::Events::Rule').filter((rule) =>
    refersTo(rule.resource.properties.Targets, rule, queue, among),
  );
  const subscriptions = regional(queue.of, among, 'AWS::SNS::Subscription').filter((subscription) => {
    const { RedrivePolicy, Endpoint } = subscription.resource.properties;
    return refersTo([RedrivePolicy, Endpoint], subscription, queue, among);
  });
  return [
    // EventBridge names neither account nor rule to the key of a target: "Adding the aws:SourceAccount [and] aws:SourceArn […]
    // to a AWS KMS policy is not supported for EventBridge-to-encrypted topics" (SNS's page on key management). CDK adds
    // aws:SourceAccount for queues; what is granted without it holds in both cases.
    ...rules.map(() => ({ principal: 'events.amazonaws.com', actions: SENDING, context: {} })),
    ...subscriptions.flatMap((subscription) => {
      const topic = locate(subscription.resource.properties.TopicArn, subscription.of, among);
      if (topic === undefined) return [];
      const context = { 'aws:SourceArn': arnOf(topic) };
      return [{ principal: 'sns.amazonaws.com', actions: SENDING, context }];
    }),
  ];
}

/** Who publishes on a topic without a role of ours: alarms and budgets. */
function publishers(topic: Placed, among: readonly SynthesisedStack[]): ServiceRequests[] {
  const told = (type: string, principal: string, actions: (properties: Properties) => unknown): ServiceRequests[] =>
    regional(topic.of, among, type)
      .filter((teller) => refersTo(actions(teller.resource.properties), teller, topic, among))
      .map((teller) => ({
        principal,
        actions: SENDING,
        context: { 'aws:SourceAccount': ACCOUNT, 'aws:SourceArn': arnOf(teller) },
      }));
  const ofAlarm = ({ AlarmActions, OKActions, InsufficientDataActions }: Properties) => [
    AlarmActions as unknown,
    OKActions as unknown,
    InsufficientDataActions as unknown,
  ];
  return [
    ...told('AWS::CloudWatch::Alarm', 'cloudwatch.amazonaws.com', ofAlarm),
    ...told('AWS::CloudWatch::CompositeAlarm', 'cloudwatch.amazonaws.com', ofAlarm),
    ...told('AWS::Budgets::Budget', 'budgets.amazonaws.com', (of) => of.NotificationsWithSubscribers as unknown),
  ];
}

/** EventBridge asks `kms:DescribeKey` with no encryption context, for it is about no data. */
const describing: ServiceRequests = { principal: 'events.amazonaws.com', actions: ['kms:DescribeKey'], context: {} };

const contextOfBus = (bus: Placed): Context => ({ 'kms:EncryptionContext:aws:events:event-bus:arn': arnOf(bus) });

/**
 * Every property of a template by which a resource is encrypted under a key, and who uses the key for it. A property that
 * names a key and is not in here fails the tests: whoever adds one looks up who will use the key.
 */
export const KEY_USES: readonly KeyUse[] = [
  {
    type: 'AWS::Logs::LogGroup',
    path: ['KmsKeyId'],
    services: (group) => [
      {
        principal: `logs.${group.of.region}.amazonaws.com`,
        actions: [
          'kms:Encrypt',
          'kms:Decrypt',
          'kms:ReEncryptFrom',
          'kms:ReEncryptTo',
          'kms:GenerateDataKey',
          'kms:DescribeKey',
        ],
        context: { 'kms:EncryptionContext:aws:logs:arn': arnOf(group) },
      },
    ],
    source: `${DOCS}/AmazonCloudWatch/latest/logs/encrypt-log-data-kms.html`,
  },
  {
    type: 'AWS::SNS::Topic',
    path: ['KmsMasterKeyId'],
    services: publishers,
    source: `${DOCS}/sns/latest/dg/sns-key-management.html#compatibility-with-aws-services; for budgets ${DOCS}/cost-management/latest/userguide/budgets-sns-policy.html`,
  },
  {
    type: 'AWS::SQS::Queue',
    path: ['KmsMasterKeyId'],
    services: senders,
    source: `${DOCS}/AWSSimpleQueueService/latest/SQSDeveloperGuide/sqs-key-management.html#compatibility-with-aws-services; for topics aws-cdk-lib@2.276.0:aws-sns-subscriptions/lib/sqs.js (restrictSqsDescryption sends aws:SourceArn)`,
  },
  {
    type: 'AWS::Events::EventBus',
    path: ['KmsKeyIdentifier'],
    services: (bus) => [
      {
        principal: 'events.amazonaws.com',
        actions: ['kms:Decrypt', 'kms:GenerateDataKey'],
        context: { 'aws:SourceAccount': ACCOUNT, 'aws:SourceArn': arnOf(bus), ...contextOfBus(bus) },
      },
      describing,
    ],
    source: `${DOCS}/eventbridge/latest/userguide/eb-encryption-key-policy.html`,
  },
  {
    type: 'AWS::Events::Archive',
    path: ['KmsKeyIdentifier'],
    services: (archive, among) => {
      const bus = locate(archive.resource.properties.SourceArn, archive.of, among);
      if (bus === undefined) throw new Error(`${archive.resource.logicalId} is of no bus that is known`);
      return [
        {
          principal: 'events.amazonaws.com',
          actions: ['kms:Decrypt', 'kms:GenerateDataKey', 'kms:ReEncryptFrom', 'kms:ReEncryptTo'],
          context: contextOfBus(bus),
        },
        describing,
      ];
    },
    source: `${DOCS}/eventbridge/latest/userguide/encryption-archives.html`,
  },
  {
    type: 'AWS::EC2::LaunchTemplate',
    path: ['LaunchTemplateData', 'BlockDeviceMappings', '*', 'Ebs', 'KmsKeyId'],
    // Auto Scaling starts the instances, by its service-linked role, to which no policy of ours can be attached.
    services: (template) => [
      {
        principal: `arn:${partitionOf(template.of)}:iam::${ACCOUNT}:role/aws-service-role/autoscaling.amazonaws.com/AWSServiceRoleForAutoScaling`,
        actions: [
          'kms:Encrypt',
          'kms:Decrypt',
          'kms:ReEncryptFrom',
          'kms:ReEncryptTo',
          'kms:GenerateDataKey',
          'kms:DescribeKey',
          'kms:CreateGrant',
        ],
        context: { 'kms:GrantIsForAWSResource': 'true' },
      },
    ],
    source: `${DOCS}/autoscaling/ec2/userguide/key-policy-requirements-EBS-encryption.html`,
  },
  {
    type: 'AWS::S3::Bucket',
    path: [
      'BucketEncryption',
      'ServerSideEncryptionConfiguration',
      '*',
      'ServerSideEncryptionByDefault',
      'KMSMasterKeyID',
    ],
    // CloudFront and log deliveries would ask on their own account; such buckets must have S3's key (tested below).
    services: nobody,
    source: `${DOCS}/AmazonS3/latest/userguide/UsingKMSEncryption.html`,
  },
  {
    type: 'AWS::DynamoDB::Table',
    path: ['SSESpecification', 'KMSMasterKeyId'],
    services: nobody,
    source: `${DOCS}/amazondynamodb/latest/developerguide/encryption.usagenotes.html`,
  },
  {
    type: 'AWS::SecretsManager::Secret',
    path: ['KmsKeyId'],
    services: nobody,
    source: `${DOCS}/secretsmanager/latest/userguide/security-encryption.html`,
  },
  {
    // Of the function that AWS's own template makes: its role gets the key's actions from that template.
    type: 'AWS::SecretsManager::RotationSchedule',
    path: ['HostedRotationLambda', 'KmsKeyArn'],
    services: nobody,
    source: `${DOCS}/AWSCloudFormation/latest/UserGuide/aws-properties-secretsmanager-rotationschedule-hostedrotationlambda.html`,
  },
  ...(
    [
      ['AWS::RDS::DBCluster', 'KmsKeyId'],
      ['AWS::RDS::DBCluster', 'PerformanceInsightsKmsKeyId'],
      ['AWS::RDS::DBInstance', 'KmsKeyId'],
      ['AWS::RDS::DBInstance', 'PerformanceInsightsKMSKeyId'],
      ['AWS::RDS::DBCluster', 'MasterUserSecret', 'KmsKeyId'],
      ['AWS::RDS::DBInstance', 'MasterUserSecret', 'KmsKeyId'],
    ] as const
  ).map(([type, ...path]) => ({
    type,
    path,
    services: nobody,
    source: `${DOCS}/AmazonRDS/latest/AuroraUserGuide/Overview.Encryption.Keys.html`,
  })),
  {
    type: 'AWS::ElastiCache::ServerlessCache',
    path: ['KmsKeyId'],
    services: nobody,
    source: `${DOCS}/AmazonElastiCache/latest/dg/at-rest-encryption.html#using-customer-managed-keys-for-elasticache-security`,
  },
  {
    type: 'AWS::Backup::BackupVault',
    path: ['EncryptionKeyArn'],
    services: nobody,
    source: `${DOCS}/aws-backup/latest/devguide/encryption.html`,
  },
  {
    type: 'AWS::Lambda::Function',
    path: ['KmsKeyArn'],
    services: nobody,
    source: `${DOCS}/lambda/latest/dg/configuration-envvars-encryption.html`,
  },
];

/** The keys that a resource names at a place of `KEY_USES`. */
export const keysAt = (properties: Properties, [step, ...rest]: readonly string[]): unknown[] => {
  if (step === undefined) return [properties];
  if (step === '*')
    return list<Properties>(properties as unknown as Properties[]).flatMap((each) => keysAt(each, rest));
  const value: unknown = properties[step];
  return value === undefined ? [] : keysAt(value as Properties, rest);
};

/**
 * What a role needs of the key of a resource, through the service, for what its policy lets it do there.
 * SQS: SQSDeveloperGuide/sqs-key-management.html. SNS: sns-key-management.html. DynamoDB: encryption.usagenotes.html.
 * S3: UsingKMSEncryption.html (parts of an upload are read again). Secrets Manager: security-encryption.html.
 */
export const IMPLIED: Readonly<Record<string, readonly string[]>> = {
  'sqs:SendMessage': SENDING,
  'sqs:ReceiveMessage': ['kms:Decrypt'],
  'sns:Publish': SENDING,
  's3:GetObject': ['kms:Decrypt'],
  's3:PutObject': SENDING,
  'secretsmanager:GetSecretValue': ['kms:Decrypt'],
  'secretsmanager:PutSecretValue': SENDING,
  'dynamodb:GetItem': ['kms:Decrypt'],
  'dynamodb:BatchGetItem': ['kms:Decrypt'],
  'dynamodb:Query': ['kms:Decrypt'],
  'dynamodb:Scan': ['kms:Decrypt'],
  'dynamodb:PutItem': ['kms:Decrypt'],
  'dynamodb:UpdateItem': ['kms:Decrypt'],
  'dynamodb:DeleteItem': ['kms:Decrypt'],
  'dynamodb:BatchWriteItem': ['kms:Decrypt'],
  'dynamodb:ConditionCheckItem': ['kms:Decrypt'],
  'dynamodb:GetRecords': ['kms:Decrypt'],
  'dynamodb:StartAwsBackupJob': ['kms:Decrypt'],
};

/**
 * CDK grants a sender of a queue what encrypts and decrypts anything; SQS asks its sender for two actions only
 * (SQSDeveloperGuide/sqs-key-management.html), so that the key's policy need not have the rest.
 */
export const OF_SENDERS = {
  granted: ['kms:Decrypt', 'kms:Encrypt', 'kms:ReEncrypt*', 'kms:GenerateDataKey*'],
  needed: SENDING,
} as const;
