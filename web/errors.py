"""Every error a caller can see: one shape, one table, and no exception text."""

from collections.abc import Mapping
from enum import Enum

import structlog
from aiohttp import web
from aiohttp.typedefs import Handler

from bot.json_body import BadBody
from storage.database import StorageError

logger = structlog.get_logger()


class Problem(Enum):
    """Status, code and message. Direct Line clients understand 403, never 401."""

    TOKEN = 403, "TokenExpired", "This token is not valid, or no longer."
    OTHER_CONVERSATION = 403, "Forbidden", "This token is for another conversation."
    ORIGIN = 403, "Forbidden", "This site may not use the assistant."
    SECRET_IN_BROWSER = 403, "Forbidden", "The secret must not be used from a browser."
    WATERMARK = 400, "BadArgument", "The watermark is not valid."
    BAD_REQUEST = 400, "BadArgument", "This request cannot be understood."
    USER_ID = 400, "BadArgument", "user.id must begin with dl_ and be at most 64 plain characters."
    ORIGINS = 400, "BadArgument", "trustedOrigins must be a list of at most 20 web addresses."
    UNKNOWN_FIELD = 400, "BadArgument", "The body has a field that is not known here."
    UPGRADE = 400, "BadArgument", "This address is for WebSocket connections."
    SIGN_IN = 401, "Unauthorized", "Please sign in."
    NOT_ALLOWED = 403, "Forbidden", "Your roles do not allow this."
    CROSS_SITE = 403, "Forbidden", "This request did not come from one of our pages."
    TICKET = 403, "TicketExpired", "This ticket is not valid, or no longer."
    SIGNATURE = 401, "Unauthorized", "A valid signature of the last five minutes is required."
    NOT_FOUND = 404, "NotFound", "There is nothing at this address."
    METHOD = 405, "MethodNotAllowed", "This address does not know that method."
    TIMEOUT = 408, "RequestTimeout", "The body took too long to arrive."
    REPEATED = 409, "Repeated", "This delivery was done before."
    TOO_LARGE = 413, "TooLarge", "The body is too large."
    NO_FILES = 415, "UnsupportedMediaType", "Files cannot be sent here."
    TOO_MANY = 429, "TooManyRequests", "Please wait a moment and try again."
    INTERNAL = 500, "ServiceError", "Something went wrong on our side."
    UNSAVED = 503, "ServiceError", "Your message could not be saved, please try again."
    UNAVAILABLE = 503, "ServiceError", "The service is not available now, please try again."

    @property
    def status(self) -> int:
        return self.value[0]


_BY_STATUS = {
    404: Problem.NOT_FOUND,
    405: Problem.METHOD,
    408: Problem.TIMEOUT,
    413: Problem.TOO_LARGE,
}


class Refused(Exception):
    """A request that is not served; the caller is told the problem, and nothing else."""

    def __init__(self, problem: Problem, retry_after: float = 0) -> None:
        super().__init__(problem.name)
        self.problem = problem
        self.retry_after = retry_after
        """Seconds."""


def error_response(problem: Problem, headers: Mapping[str, str] | None = None) -> web.Response:
    return _response(*problem.value, headers)


@web.middleware
async def errors(request: web.Request, handler: Handler) -> web.StreamResponse:
    """Turns whatever a handler raises into the answer of the table."""
    try:
        return await handler(request)
    except Refused as refused:
        wait = max(1, round(refused.retry_after + 0.5))
        return error_response(
            refused.problem, {"Retry-After": str(wait)} if refused.retry_after else None
        )
    except BadBody as bad:
        return _response(bad.status, bad.code, bad.message)
    except StorageError as error:
        logger.error("storage_failed", path=request.rel_url.raw_path, error=str(error))
        return error_response(
            Problem.UNAVAILABLE if request.method == "GET" else Problem.UNSAVED,
            {"Retry-After": "2"},
        )
    except web.HTTPException as exception:
        if exception.status < 400:
            raise
        allow = {name: exception.headers[name] for name in ("Allow",) if name in exception.headers}
        return error_response(_BY_STATUS.get(exception.status, Problem.BAD_REQUEST), allow)
    except Exception:
        logger.exception("request_failed", path=request.rel_url.raw_path)
        return error_response(Problem.INTERNAL)


def _response(
    status: int, code: str, message: str, headers: Mapping[str, str] | None = None
) -> web.Response:
    return web.json_response(
        {"error": {"code": code, "message": message}}, status=status, headers=headers
    )
