"""The door: password, second factor, reset, and what it tells strangers (nothing)."""

from __future__ import annotations

from typing import Any

import pytest
from allauth.mfa.models import Authenticator
from allauth.mfa.totp.internal import auth as totp
from django.core import mail
from django.core.cache import cache
from django.test import Client

from sportello.accounts import actions
from sportello.accounts import mail as account_mail
from sportello.accounts.backends import DEMO_PASSWORD
from sportello.accounts.models import Agent, Company
from sportello.accounts.queries import forget_company
from sportello.core.actors import SYSTEM
from sportello.core.models import AuditEntry

pytestmark = pytest.mark.django_db
PASSWORD = "lungo-abbastanza-9"
BACKEND = "allauth.account.auth_backends.AuthenticationBackend"


@pytest.fixture(autouse=True)
def _house(settings: Any) -> None:
    settings.CACHES = {"default": {"BACKEND": "django.core.cache.backends.locmem.LocMemCache"}}
    settings.SPORTELLO_DEMO = False
    cache.clear()
    forget_company()


@pytest.fixture
def boss() -> Agent:
    return actions.create_agent(
        email="boss@x.example", name="Aurora Bianchi", role="administrator", password=PASSWORD
    )


@pytest.fixture
def giulia(boss: Agent) -> Agent:
    return actions.create_agent(email="giulia@x.example", name="Giulia Ferri", password=PASSWORD)


def sign_in(client: Client, email: str, password: str = PASSWORD) -> Any:
    return client.post("/accounts/login/", {"login": email, "password": password})


def with_app(agent: Agent) -> str:
    secret: str = totp.generate_totp_secret()
    totp.TOTP.activate(agent, secret)
    return secret


def code_of(secret: str) -> str:
    return str(
        totp.format_hotp_value(
            totp.hotp_value(secret, next(iter(totp.yield_hotp_counters_from_time())))
        )
    )


def test_an_agent_signs_in_by_address_whatever_its_case(client: Client, giulia: Agent) -> None:
    answer = sign_in(client, "Giulia@X.example")
    assert (answer.status_code, answer["Location"]) == (302, "/app/")


def test_nobody_signs_up_and_nobody_changes_his_address_here(client: Client, giulia: Agent) -> None:
    for path in ("/accounts/signup/", "/accounts/email/"):
        assert client.get(path).status_code == 404
        assert client.post(path, {"email": "x@x.example", "password1": PASSWORD}).status_code == 404
    assert Agent.objects.count() == 2


def test_an_unknown_address_and_a_wrong_password_read_alike(giulia: Agent) -> None:
    answers = [
        sign_in(Client(), email, "wrong-password-1")
        for email in ("giulia@x.example", "niemand@x.example")
    ]
    bodies = [a.content.decode().replace("niemand", "giulia") for a in answers]
    assert [a.status_code for a in answers] == [200, 200]
    assert _without_tokens(bodies[0]) == _without_tokens(bodies[1])


def test_a_reset_tells_nobody_who_exists_and_links_to_our_own_address(
    giulia: Agent, settings: Any
) -> None:
    settings.SPORTELLO_URL = "https://help.example.org"
    answers = []
    for email in ("giulia@x.example", "niemand@x.example"):
        answers.append(Client().post("/accounts/password/reset/", {"email": email}))
        account_mail.flush()
    assert {(a.status_code, a["Location"]) for a in answers} == {
        (302, "/accounts/password/reset/done/")
    }
    assert [m.to for m in mail.outbox] == [["giulia@x.example"]]
    assert "https://help.example.org/accounts/password/reset/key/" in str(mail.outbox[0].body)


@pytest.mark.parametrize("header", ["HTTP_HOST", "HTTP_X_FORWARDED_HOST"])
def test_a_forged_host_never_reaches_the_reset_link(giulia: Agent, header: str) -> None:
    Client().post(
        "/accounts/password/reset/", {"email": "giulia@x.example"}, **{header: "evil.example"}
    )  # type: ignore[arg-type]
    account_mail.flush()
    assert not [m for m in mail.outbox if "evil.example" in str(m.body)]


def test_a_reset_link_works_once(giulia: Agent) -> None:
    client = Client()
    client.post("/accounts/password/reset/", {"email": "giulia@x.example"})
    account_mail.flush()
    link = next(w for w in str(mail.outbox[-1].body).split() if "/password/reset/key/" in w)
    path = "/accounts/" + link.split("/accounts/", 1)[1]
    form = client.get(path, follow=True).redirect_chain[-1][0]
    new = "anche-lungo-abbastanza-7"
    assert client.post(form, {"password1": new, "password2": new}).status_code == 302
    assert sign_in(Client(), "giulia@x.example").status_code == 200
    assert sign_in(Client(), "giulia@x.example", new).status_code == 302
    assert Client().get(path).context["token_fail"]
    assert AuditEntry.objects.filter(action="agent.password").exists()


def test_the_demo_password_opens_the_demo_only(settings: Any, boss: Agent) -> None:
    agent = actions.create_agent(email="demo@x.example", name="Demo", password=DEMO_PASSWORD)
    assert sign_in(Client(), agent.email, DEMO_PASSWORD).status_code == 200
    settings.SPORTELLO_DEMO = True
    assert sign_in(Client(), agent.email, DEMO_PASSWORD).status_code == 302


def test_the_demo_password_cannot_be_chosen(client: Client, giulia: Agent) -> None:
    sign_in(client, giulia.email)
    form = {"oldpassword": PASSWORD, "password1": DEMO_PASSWORD, "password2": DEMO_PASSWORD}
    assert client.post("/accounts/password/change/", form).status_code == 200
    assert sign_in(Client(), giulia.email).status_code == 302


def test_an_administrator_without_second_factor_is_led_to_the_page_that_sets_one_up(
    client: Client, boss: Agent
) -> None:
    sign_in(client, boss.email)
    for path in (
        "/app/",
        "/app/settings/company",
        "/app/settings/system",
        "/accounts/password/change/",
    ):
        answer = client.get(path)
        assert (answer.status_code, answer["Location"]) == (302, "/accounts/2fa/"), path
    assert client.post("/app/settings/company", {"name": "X"})["Location"] == "/accounts/2fa/"
    assert "said needed" in client.get("/accounts/2fa/").content.decode()
    with_app(boss)
    assert "said needed" not in client.get("/accounts/2fa/").content.decode()
    assert client.get("/app/settings/company").status_code == 200


def test_recovery_codes_alone_are_no_second_factor(client: Client, boss: Agent) -> None:
    sign_in(client, boss.email)
    Authenticator.objects.create(
        user=boss, type=Authenticator.Type.RECOVERY_CODES, data={"seed": "x"}
    )
    assert client.get("/app/settings/company")["Location"] == "/accounts/2fa/"


def test_the_policy_and_the_demo_let_administrators_in_with_one(
    client: Client, boss: Agent, settings: Any
) -> None:
    sign_in(client, boss.email)
    settings.SPORTELLO_DEMO = True
    assert client.get("/app/settings/company").status_code == 200
    settings.SPORTELLO_DEMO = False
    Company.objects.create(id=1, require_second_factor=False)
    forget_company()
    assert client.get("/app/settings/company").status_code == 200


def test_other_agents_are_not_asked(client: Client, giulia: Agent) -> None:
    sign_in(client, giulia.email)
    assert client.get("/app/settings/profile").status_code == 200


def test_with_an_app_the_password_alone_opens_nothing(client: Client, boss: Agent) -> None:
    secret = with_app(boss)
    answer = sign_in(client, boss.email)
    assert answer["Location"].startswith("/accounts/2fa/authenticate/")
    assert client.get("/app/settings/company")["Location"].startswith("/accounts/login/")
    assert client.post("/accounts/2fa/authenticate/", {"code": "000000"}).status_code == 200
    code = code_of(secret)
    assert client.post("/accounts/2fa/authenticate/", {"code": code}).status_code == 302
    assert client.get("/app/settings/company").status_code == 200
    again = Client()
    sign_in(again, boss.email)
    assert again.post("/accounts/2fa/authenticate/", {"code": code}).status_code == 200, (
        "a code works once"
    )


def test_the_app_is_set_up_on_our_page_and_its_secret_is_encrypted(
    client: Client, boss: Agent, django_capture_on_commit_callbacks: Any
) -> None:
    sign_in(client, boss.email)
    asked = client.get("/accounts/2fa/totp/activate/")
    assert asked["Location"].startswith("/accounts/reauthenticate/"), "first it asks who is there"
    page = client.post(asked["Location"], {"password": PASSWORD}, follow=True)
    secret = page.context["form"].secret
    with django_capture_on_commit_callbacks(execute=True):
        answer = client.post("/accounts/2fa/totp/activate/", {"code": code_of(secret)})
    assert answer.status_code == 302
    kept = Authenticator.objects.get(user=boss, type="totp")
    assert secret not in str(kept.data)
    codes = client.get("/accounts/2fa/recovery-codes/", follow=True)
    assert codes.status_code == 200
    assert len(codes.context["unused_codes"]) == 10
    assert AuditEntry.objects.filter(action="agent.second_factor").exists()


def test_a_reset_second_factor_ends_sessions(client: Client, boss: Agent, giulia: Agent) -> None:
    secret = with_app(giulia)
    sign_in(client, giulia.email)
    client.post("/accounts/2fa/authenticate/", {"code": code_of(secret)})
    assert client.get("/app/settings/profile").status_code == 200
    actions.reset_second_factor(agent=giulia, actor=SYSTEM)
    assert client.get("/app/settings/profile").status_code == 302
    assert not Authenticator.objects.filter(user=giulia).exists()


def test_guessing_a_password_is_slowed_down(giulia: Agent) -> None:
    for _ in range(12):
        sign_in(Client(), giulia.email, "wrong-password-1")
    assert sign_in(Client(), giulia.email).status_code in {200, 429}, "even the right one waits"


def test_who_was_shut_out_cannot_sign_in(client: Client, giulia: Agent) -> None:
    actions.deactivate(agent=giulia, actor=SYSTEM)
    sign_in(client, giulia.email)
    assert client.get("/app/settings/profile").status_code == 302


@pytest.mark.parametrize("path", ["login/", "password/reset/", "password/reset/done/", "inactive/"])
def test_pages_at_the_door_speak_both_languages(path: str) -> None:
    pages = {
        language: Client(headers={"accept-language": language})
        .get(f"/accounts/{path}")
        .content.decode()
        for language in ("it", "en")
    }
    assert '<html lang="it">' in pages["it"]
    assert '<html lang="en">' in pages["en"]
    assert _without_tokens(pages["it"]) != _without_tokens(pages["en"])


def _without_tokens(page: str) -> str:
    import re

    return re.sub(r'(csrfmiddlewaretoken" value|nonce)="[^"]*"', "", page)
