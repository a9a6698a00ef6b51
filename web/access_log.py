"""One line for each request, without its query: a stream's address carries a token there."""

import structlog
from aiohttp import web
from aiohttp.abc import AbstractAccessLogger

logger = structlog.get_logger("access")


class AccessLog(AbstractAccessLogger):
    """For `web.run_app(access_log_class=AccessLog)`."""

    def log(self, request: web.BaseRequest, response: web.StreamResponse, time: float) -> None:
        logger.info(
            "request",
            method=request.method,
            path=request.rel_url.raw_path,
            status=response.status,
            ms=round(time * 1000, 1),
            peer=request.remote,
        )
