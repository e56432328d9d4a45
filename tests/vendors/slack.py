"""Slack's Web API, as far as we use it. Blocks are judged by Slack's own library."""

from __future__ import annotations

import itertools
from typing import Any

from slack_sdk.models.blocks import Block

from tests.vendors.cloud import Answer, Call, Cloud

TOKEN = "xoxb-17653672481-19874698323"
SECRET = "8f742231b10e8888abcd99yyyzzz85a5"
SCOPES = "chat:write,im:write,files:read,files:write,users:read,channels:history"


class WebApi(Cloud):
    """One workspace. ``files`` maps ids to bytes; ``shown`` are completed uploads; ``people`` have profiles."""

    def __init__(self) -> None:
        super().__init__()
        self.scopes = SCOPES
        self.files: dict[str, bytes] = {}
        self.shown: list[dict[str, Any]] = []
        self.people: dict[str, dict[str, str]] = {}
        self._numbers = itertools.count(1)

    def respond(self, call: Call) -> Answer:
        if call.path.startswith("/upload/"):
            self.files[call.path.rpartition("/")[2]] = call.body
            return Answer(200, b"OK - 4", {"Content-Type": "text/plain"})
        if call.headers.get("authorization") != f"Bearer {TOKEN}":
            if call.path.startswith("/files-pri/"):
                return Answer(200, b"<html>Sign in</html>", {"Content-Type": "text/html"})
            return no("invalid_auth")
        if call.path.startswith("/files-pri/"):
            content = self.files.get(call.path.rpartition("/")[2])
            return Answer(200, content, {"Content-Type": "image/png"}) if content else Answer(404)
        answer = getattr(self, call.path.strip("/").replace(".", "_"), None)
        return answer(call) if answer else no("unknown_method")

    def auth_test(self, call: Call) -> Answer:
        told = {"team": "Shop", "team_id": "T_HOME", "user": "help", "user_id": "U_BOT"}
        return yes({"X-OAuth-Scopes": self.scopes}, **told)

    def conversations_open(self, call: Call) -> Answer:
        return yes(channel={"id": f"D_{call.json['users']}"})

    def chat_postMessage(self, call: Call) -> Answer:
        message = call.json
        if "blocks" in message:
            for block in Block.parse_all(message["blocks"]):
                block.validate_json()
        stamp = f"1763800000.{next(self._numbers):06}"
        return yes(channel=message["channel"], ts=stamp, message={"text": message["text"]})

    def users_info(self, call: Call) -> Answer:
        profile = self.people.get(call.form["user"])
        return yes(user={"id": call.form["user"], "profile": profile}) if profile else no("user_not_found")  # fmt: skip

    def files_getUploadURLExternal(self, call: Call) -> Answer:
        if not {"filename", "length"} <= set(call.form):
            return no("invalid_arguments")
        id = f"F{next(self._numbers)}"
        return yes(upload_url=f"{self.url}/upload/{id}", file_id=id)

    def files_completeUploadExternal(self, call: Call) -> Answer:
        if any(one["id"] not in self.files for one in call.json["files"]):
            return no("file_not_found")
        self.shown.append(call.json)
        return yes(files=call.json["files"])

    def files_info(self, call: Call) -> Answer:
        id = call.form["file"]
        if id not in self.files:
            return no("file_not_found")
        return yes(file={"id": id, "url_private_download": f"{self.url}/files-pri/{id}"})


def yes(headers: dict[str, str] | None = None, **told: Any) -> Answer:
    return Answer(200, {"ok": True} | told, headers or {})


def no(error: str) -> Answer:
    return Answer(200, {"ok": False, "error": error})
