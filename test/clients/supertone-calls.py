"""Calls of the vendor's client, one after the other.

usage: supertone-calls.py URL
The API key is in the environment variable SUPERTONE_API_KEY. Stdin is a JSON array of calls, each an array of the name of a
part of the client, the name of its method, and an object of arguments. Stdout is a JSON array of what came of them:
{"result": ...}, or {"error": {"type": ..., "status": ..., "data": ...}}. Bytes are told as {"bytes": ..., "type": ...}.
"""

import json
import os
import sys

import httpx
from pydantic import BaseModel
from supertone import Supertone
from supertone.errors import SupertoneError
from supertone.text_to_speech import CreateSpeechAcceptEnum


def told(value):
    if isinstance(value, httpx.Response):
        return {"bytes": value.read().hex(), "type": value.headers["content-type"]}
    if isinstance(getattr(value, "result", None), httpx.Response):
        return told(value.result)
    return value.model_dump(mode="json") if isinstance(value, BaseModel) else value


def outcome(part, method, arguments):
    accept = arguments.get("accept_header_override")
    if accept is not None:
        arguments["accept_header_override"] = CreateSpeechAcceptEnum(accept)
    try:
        return {"result": told(getattr(getattr(client, part), method)(**arguments))}
    except SupertoneError as error:
        data = getattr(error, "data", None)
        name = type(error).__name__
        return {"error": {"type": name, "status": error.status_code, "data": data and told(data)}}


with Supertone(api_key=os.environ["SUPERTONE_API_KEY"], server_url=sys.argv[1]) as client:
    print(json.dumps([outcome(*call) for call in json.load(sys.stdin)]))
