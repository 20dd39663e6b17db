"""
MiniStack, as `npm run verify:deploy` starts it (test/deploy/emulator.ts).

Resource types that it refuses are accepted here, and nothing comes of them; what it has no engine for (databases, the cache)
is answered by the verification, which runs real servers: their stand-ins give their addresses as the resources' attributes.
Prints which types it knows by itself, as one line of JSON, before it serves.
"""

import asyncio
import contextvars
import json
import os
import re
import socket
import sys
import urllib.error
import urllib.parse
import urllib.request
import uuid

from ministack.services.cloudformation import provisioners

HANDLERS = provisioners._RESOURCE_HANDLERS
STAND_INS = os.environ["SIGNAL9_STAND_INS"]
"""URL of the verification: it answers what a stand-in's resource is."""

ACCEPTED = json.loads(os.environ["SIGNAL9_ACCEPTED"])
"""Types that are accepted and not made."""
STOOD_IN = json.loads(os.environ["SIGNAL9_STOOD_IN"])
"""Types that a server of the verification stands in for."""


def ask(action, resource_type, properties, physical_id=None, attributes=None):
    """What the verification says of a resource: {"id", "attributes"}, or the reason why it cannot be."""
    body = {
        "action": action,
        "type": resource_type,
        "properties": properties,
        "id": physical_id,
        "attributes": attributes or {},
    }
    request = urllib.request.Request(
        STAND_INS, json.dumps(body, default=str).encode(), {"content-type": "application/json"}
    )
    with urllib.request.urlopen(request, timeout=120) as response:
        answer = json.load(response)
    if "error" in answer:
        raise ValueError(f"{resource_type}: {answer['error']}")
    return answer


def accepted(resource_type):
    """A handler that takes every resource of a type and makes none."""

    def attributes(physical_id):
        # Of what is not made one id is as good as another.
        return {"AllocationId": physical_id, "Arn": physical_id, "Id": physical_id}

    def create(logical_id, properties, stack_name):
        physical_id = f"{stack_name}-{logical_id}"
        return physical_id, attributes(physical_id)

    def update(physical_id, old_properties, properties, stack_name):
        return physical_id, attributes(physical_id)

    return {"create": create, "update": update, "delete": lambda physical_id, properties: None}


def stood_in(resource_type):
    """MiniStack's own handler, where it has one, with the attributes of the server that stands in."""
    own = HANDLERS.get(resource_type, {})

    def create(logical_id, properties, stack_name):
        physical_id, attributes = own["create"](logical_id, properties, stack_name) if own else (None, {})
        answer = ask("create", resource_type, properties, physical_id, attributes)
        return physical_id or answer["id"], {**attributes, **answer["attributes"]}

    def update(physical_id, old_properties, properties, stack_name, logical_id=None):
        attributes = {}
        if "update" in own:
            extra = (logical_id,) if own.get("update_with_logical_id") else ()
            physical_id, attributes = own["update"](physical_id, old_properties, properties, stack_name, *extra)
        answer = ask("update", resource_type, properties, physical_id, attributes)
        return physical_id, {**attributes, **answer["attributes"]}

    def delete(physical_id, properties, *rest):
        if "delete" in own:
            own["delete"](physical_id, properties, *rest)
        ask("delete", resource_type, properties, physical_id)

    return {**own, "create": create, "update": update, "delete": delete}


def tag_buckets():
    """A bucket has the tags of its template, by which CDK's function knows those that it may empty; MiniStack makes it without."""
    from ministack.services import s3

    own = HANDLERS["AWS::S3::Bucket"]

    def tag(name, properties):
        s3._bucket_tags[name] = {pair["Key"]: str(pair["Value"]) for pair in properties.get("Tags", [])}

    def create(logical_id, properties, stack_name):
        name, attributes = own["create"](logical_id, properties, stack_name)
        tag(name, properties)
        return name, attributes

    HANDLERS["AWS::S3::Bucket"] = {**own, "create": create}


def refer_to_secrets_by_arn():
    """A reference to a secret is its ARN, which policies name; MiniStack's is its name."""
    own = HANDLERS["AWS::SecretsManager::Secret"]

    def name_of(arn):
        return arn.split(":secret:")[1].rsplit("-", 1)[0]

    def create(*given):
        _, attributes = own["create"](*given)
        return attributes["Arn"], attributes

    def update(arn, *given):
        _, attributes = own["update"](name_of(arn), *given)
        return attributes["Arn"], attributes

    def delete(arn, properties):
        own["delete"](name_of(arn), properties)

    HANDLERS["AWS::SecretsManager::Secret"] = {**own, "create": create, "update": update, "delete": delete}


def manage_passwords():
    """A database whose password RDS manages gets one, in a secret that goes when it goes; MiniStack's CloudFormation makes none."""
    from ministack.services import secretsmanager

    def managing(own, kind):
        secrets = {}

        def create(logical_id, properties, stack_name):
            if str(properties.get("ManageMasterUserPassword", False)).lower() != "true":
                return own["create"](logical_id, properties, stack_name)
            if "MasterUserPassword" in properties:
                raise ValueError("You can't specify MasterUserPassword when ManageMasterUserPassword is enabled.")
            password = uuid.uuid4().hex
            # No more than these two, as RDS writes it.
            value = json.dumps({"username": properties["MasterUsername"], "password": password})
            # The verification's server is told the password, which the template does not know.
            told = {**properties, "MasterUserPassword": password}
            physical_id, attributes = own["create"](logical_id, told, stack_name)
            secrets[physical_id] = secretsmanager.create_secret_in_process(f"rds!{kind}-{uuid.uuid4()}", value)
            return physical_id, {**attributes, "MasterUserSecret.SecretArn": secrets[physical_id]}

        def update(physical_id, *given, **options):
            physical_id, attributes = own["update"](physical_id, *given, **options)
            if physical_id in secrets:
                attributes = {**attributes, "MasterUserSecret.SecretArn": secrets[physical_id]}
            return physical_id, attributes

        def delete(physical_id, properties, *rest):
            own["delete"](physical_id, properties, *rest)
            if physical_id in secrets:
                secretsmanager.delete_secret_in_process(secrets.pop(physical_id))

        return {**own, "create": create, "update": update, "delete": delete}

    for resource_type, kind in (("AWS::RDS::DBCluster", "cluster"), ("AWS::RDS::DBInstance", "db")):
        HANDLERS[resource_type] = managing(HANDLERS[resource_type], kind)


def lend_instances_their_role():
    """The metadata service gives the credentials of the deployed instance profile's role; MiniStack's, those of nobody."""
    from ministack.core.responses import get_account_id
    from ministack.services import iam, imds, sts

    own = imds._credentials_doc

    def credentials():
        document = own()
        (profile,) = iam._instance_profiles.values()
        session = f"{profile['Roles'][0]}/{imds._INSTANCE_ID}"
        sts.register_session(
            document["AccessKeyId"],
            {
                "Arn": f"arn:aws:sts::{get_account_id()}:assumed-role/{session}",
                "UserId": session.replace("/", ":"),
                "SecretAccessKey": document["SecretAccessKey"],
                "SessionToken": document["Token"],
            },
        )
        return document

    imds._credentials_doc = credentials


def tell_denials():
    """Says of each call that a policy denied who made it, also where the caller takes the refusal in silence."""
    from ministack.core import iam_evaluator

    enforce = iam_evaluator.enforce

    def enforce_and_tell(access_key, action, *rest, **options):
        verdict = enforce(access_key, action, *rest, **options)
        if isinstance(verdict, iam_evaluator.EvalResult):
            print(f"signal9 denied {verdict.principal_arn} {action}", file=sys.stderr, flush=True)
        return verdict

    iam_evaluator.enforce = enforce_and_tell


def publish_image():
    """The image of Amazon Linux that the service's instances start from, which the emulator knows for x86 only."""
    from ministack.services import ssm

    images = ssm._PUBLIC_AMI_PARAMETERS
    prefix = "/aws/service/ami-amazon-linux-latest/al2023-ami-kernel-"
    images[f"{prefix}6.1-arm64"] = images[f"{prefix}default-x86_64"]


def forward_answers():
    """
    What a REST API's HTTP integration answers is passed on whole. MiniStack passes no header on but the content type, and
    reads the body of a refusal in the very thread that has yet to send it, where its own load balancer is the backend.
    """
    from ministack.services import apigateway_v1

    # API Gateway sets these itself.
    own = {"connection", "content-length", "date", "server", "transfer-encoding"}

    def call(request):
        try:
            response = urllib.request.urlopen(request, timeout=30)
        except urllib.error.HTTPError as refusal:
            response = refusal
        with response:
            headers = {name: value for name, value in response.headers.items() if name.lower() not in own}
            return response.status, headers, response.read()

    async def forward(integration, path, method, headers, body, query_params, path_params=None):
        uri = integration.get("uri", "")
        for to, source in (integration.get("requestParameters") or {}).items():
            kind, name = "integration.request.path.", "method.request.path."
            if to.startswith(kind) and source.startswith(name):
                value = (path_params or {}).get(source[len(name) :], "")
                uri = uri.replace("{" + to[len(kind) :] + "}", urllib.parse.quote(value, safe=""))
        if query_params:
            uri += "?" + urllib.parse.urlencode(query_params, doseq=True)
        request = urllib.request.Request(uri, data=body or None, method=method)
        for name, value in headers.items():
            if name.lower() not in ("host", "content-length", "connection"):
                request.add_header(name, value)
        return await asyncio.to_thread(call, request)

    apigateway_v1._invoke_http_proxy_v1 = forward


def answer_subprotocols():
    """A WebSocket API answers the upgrade with the subprotocol that the function of $connect names; MiniStack with none."""
    from ministack.services import apigateway

    answer = contextvars.ContextVar("answer of $connect", default=None)
    invoke, handle = apigateway._invoke_ws_lambda, apigateway.handle_websocket

    async def invoke_and_keep(*given, **options):
        said = await invoke(*given, **options)
        if "CONNECT" in given:
            answer.set(said)
        return said

    async def handle_with_subprotocol(scope, receive, send, *rest, **options):
        async def send_with_subprotocol(message):
            headers = (answer.get() or {}).get("headers") or {}
            named = {name.lower(): value for name, value in headers.items()}.get("sec-websocket-protocol")
            if message["type"] == "websocket.accept" and named is not None:
                message = {**message, "subprotocol": named}
            await send(message)

        await handle(scope, receive, send_with_subprotocol, *rest, **options)

    apigateway._invoke_ws_lambda = invoke_and_keep
    apigateway.handle_websocket = handle_with_subprotocol


def resolve_localhost():
    """Names below localhost are this machine, as RFC 6761 has it; not every resolver knows."""
    getaddrinfo = socket.getaddrinfo

    def resolve(host, *rest, **options):
        if isinstance(host, str) and host.endswith(".localhost"):
            host = "127.0.0.1"
        return getaddrinfo(host, *rest, **options)

    socket.getaddrinfo = resolve


def main():
    print(json.dumps({"known": sorted(HANDLERS)}), flush=True)
    for resource_type in ACCEPTED:
        if resource_type in HANDLERS:
            sys.exit(f"MiniStack knows {resource_type} by now: take it off the list of accepted types")
        HANDLERS[resource_type] = accepted(resource_type)
    for resource_type in STOOD_IN:
        HANDLERS[resource_type] = stood_in(resource_type)
    tag_buckets()
    refer_to_secrets_by_arn()
    manage_passwords()
    lend_instances_their_role()
    tell_denials()
    publish_image()
    forward_answers()
    answer_subprotocols()
    resolve_localhost()
    sys.argv = sys.argv[:1]
    from ministack import app

    # APIs answer by the names that the templates give them: it is how a function finds the connections of its WebSocket API.
    app._EXECUTE_API_RE = re.compile(r"^([a-f0-9]{8})\.execute-api\.[a-z0-9-]+\.amazonaws\.com(?::\d+)?$")
    # TLS ends before the emulator, as far as policies are concerned: ours let nobody in without.
    pin = app.pin_request_origin
    app.pin_request_origin = lambda address, _: pin(address, True)
    app.main()


if __name__ == "__main__":
    main()
