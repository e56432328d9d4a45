"""``sportello web``: uvicorn with the one port."""

from __future__ import annotations

from sportello.config import database, env, memory


def main() -> int:
    """Serve until SIGTERM; running requests get three seconds to finish."""
    import uvicorn

    from sportello.config.asgi import app
    from sportello.intake.protocol import FrontProtocol

    database.pool_connections()
    memory.share()
    settings = env.current()
    config = uvicorn.Config(
        app,
        http=FrontProtocol,
        host=settings.host,
        port=settings.port,
        ws="websockets-sansio",
        ws_max_size=1 << 20,
        ws_per_message_deflate=False,
        backlog=4096,
        timeout_graceful_shutdown=2,
        timeout_keep_alive=30,
        proxy_headers=bool(settings.trusted_proxies),
        access_log=settings.debug,
        server_header=False,
        log_config=None,
        loop="auto",
    )
    uvicorn.Server(config).run()
    return 0
