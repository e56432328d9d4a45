"""How an agent likes his desk."""

from __future__ import annotations

from django.http import HttpResponse
from django.shortcuts import redirect
from django.utils.http import url_has_allowed_host_and_scheme

from sportello.accounts import actions
from sportello.workspace.access import AgentRequest, agent_page
from sportello.workspace.shell import DENSITIES, THEMES


@agent_page("POST")
def keep(request: AgentRequest) -> HttpResponse:
    form = request.POST
    likes = {
        "theme": form.get("theme") if form.get("theme") in THEMES else "system",
        "density": form.get("density") if form.get("density") in DENSITIES else "normal",
        "single_keys": "single_keys" in form,
        "notify": "notify" in form,
    }
    language = form.get("language", "")
    values = {"language": language} if language in {"it", "en"} else {}
    actions.save_profile(agent=request.agent, values=values, preferences=likes)
    back = request.headers.get("Referer", "")
    safe = url_has_allowed_host_and_scheme(back, allowed_hosts={request.get_host()})
    return redirect(back if safe else "/app/")
