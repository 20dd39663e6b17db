"""What `aws <service> <operation> --region … --output json --cli-input-json …` does, by the library that the AWS CLI is
made of: the request is checked against AWS's own model of the operation, and lists are complete."""

import json
import sys

import botocore.session
from botocore.exceptions import BotoCoreError, ClientError


def main(service: str, operation: str, *options: str) -> int:
    given = dict(zip(options[::2], options[1::2]))
    client = botocore.session.get_session().create_client(service, region_name=given["--region"])
    method = operation.replace("-", "_")
    request = json.loads(given["--cli-input-json"])
    try:
        if client.can_paginate(method):
            answer = client.get_paginator(method).paginate(**request).build_full_result()
        else:
            answer = getattr(client, method)(**request)
    except (ClientError, BotoCoreError) as error:
        print(error, file=sys.stderr)
        return 254
    answer.pop("ResponseMetadata", None)
    print(json.dumps(answer, default=str))
    return 0


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
