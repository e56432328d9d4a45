"""A real IMAP server for one test, as a child process with a folder of its own."""

from __future__ import annotations

import grp
import imaplib
import os
import pwd
import shutil
import subprocess
import time
from pathlib import Path
from typing import Any

import psutil

from tests.sink import free_port

CONFIG = """
base_dir = {base}/run
state_dir = {base}/run
log_path = {base}/log
protocols = imap
maildir_copy_with_hardlinks = no
listen = 127.0.0.1
{tls}
disable_plaintext_auth = no
auth_mechanisms = plain login xoauth2
default_internal_user = {internal}
default_login_user = {login}
default_internal_group = {group}
mail_location = maildir:{base}/mail
first_valid_uid = 0
first_valid_gid = 0
service imap-login {{
  chroot =
  inet_listener imap {{
    port = {port}
  }}
  inet_listener imaps {{
    port = {imaps}
    ssl = yes
  }}
}}
service anvil {{
  chroot =
}}
service stats {{
  chroot =
}}
{tokens}
passdb {{
  driver = static
  args = password=secret
}}
userdb {{
  driver = static
  args = uid={uid} gid={gid} home={base}/home
}}
"""
TOKENS = """
passdb {{
  driver = oauth2
  mechanisms = xoauth2
  args = {base}/oauth2.conf
}}
"""
INTROSPECTION = """
introspection_mode = auth
introspection_url = {url}
username_attribute = username
active_attribute = active
active_value = true
"""


class Dovecot:
    """With a `certificate` (and its key in one file) it speaks STARTTLS on `port` and TLS on `tls_port`.

    `introspection` is the address that tells whose an access token is.
    """

    def __init__(
        self, base: Path, certificate: Path | None = None, introspection: str = ""
    ) -> None:
        self.base, self.port = base, free_port()
        self.tls_port = free_port() if certificate else 0
        base.chmod(0o755)
        root = os.getuid() == 0
        me = pwd.getpwuid(os.getuid()).pw_name
        owner = pwd.getpwnam("mail" if root else me)
        for name in ("mail", "home"):
            (base / name).mkdir()
            os.chown(base / name, owner.pw_uid, owner.pw_gid)
        text = CONFIG.format(
            base=base,
            port=self.port,
            imaps=self.tls_port,
            tls=f"ssl = yes\nssl_cert = <{certificate}\nssl_key = <{certificate}"
            if certificate
            else "ssl = no",
            tokens=TOKENS.format(base=base) if introspection else "",
            internal="dovecot" if root else me,
            login="dovenull" if root else me,
            group=grp.getgrgid(pwd.getpwnam("dovecot" if root else me).pw_gid).gr_name,
            uid=owner.pw_uid,
            gid=owner.pw_gid,
        )
        (base / "dovecot.conf").write_text(text)
        (base / "oauth2.conf").write_text(INTROSPECTION.format(url=introspection))
        self.process: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        self.process = subprocess.Popen(
            [shutil.which("dovecot") or "dovecot", "-F", "-c", str(self.base / "dovecot.conf")]
        )
        deadline = time.monotonic() + 10
        while time.monotonic() < deadline:
            try:
                self.client().logout()
                return
            except (OSError, imaplib.IMAP4.error):
                time.sleep(0.05)
        log = self.base / "log"
        raise RuntimeError(log.read_text() if log.exists() else "dovecot did not start")

    def stop(self) -> None:
        if self.process is not None:
            self.process.terminate()
            self.process.wait(10)
            self.process = None

    def client(self) -> imaplib.IMAP4:
        client = imaplib.IMAP4("127.0.0.1", self.port, timeout=5)
        client.login("anna", "secret")
        return client

    def deliver(self, *names: str, flags: str = "") -> None:
        client = self.client()
        for name in names:
            client.append(
                "INBOX",
                flags,
                None,
                f"From: a@b.example\r\nMessage-ID: <{name}@b.example>\r\n\r\n{name}\r\n".encode(),
            )  # type: ignore[arg-type]
        client.logout()

    def renumber(self) -> None:
        """Another UIDVALIDITY, as after a restore from a backup."""
        self.stop()
        for index in (self.base / "mail").glob("dovecot*"):
            index.unlink()
        (self.base / "mail" / "dovecot-uidvalidity").write_text("")
        time.sleep(1.1)
        self.start()

    def hang_up(self) -> None:
        """End the sessions that are open."""
        assert self.process is not None
        for child in psutil.Process(self.process.pid).children(recursive=True):
            if child.name() == "imap":
                child.terminate()

    @property
    def settings(self) -> dict[str, Any]:
        return {
            "address": "help@shop.example", "imap_host": "127.0.0.1", "imap_port": self.port, "imap_user": "anna",
            "imap_password": "secret",
        }  # fmt: skip
