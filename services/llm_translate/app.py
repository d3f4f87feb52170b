"""Builds llm-translate's app: loopback only, for llm-gateway alone."""

from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from typing import Annotated, Any, cast

import orjson
from fastapi import APIRouter, Depends, FastAPI, Request, Response

from contracts.translate import TranslateAnswer, TranslateRequest
from services.kit.app import create_app
from services.kit.auth import Authenticator, KeyCaller
from services.kit.errors import Forbidden, NovaError
from services.kit.events import DONE, sse_response
from services.kit.health import Health
from services.kit.supervision import Supervisor
from services.llm_translate import service
from services.llm_translate.failures import Failure
from services.llm_translate.library import Library
from services.llm_translate.settings import Settings

router = APIRouter()


async def _from_a_service(caller: KeyCaller) -> None:
    if caller.kind != "service":
        raise Forbidden("llm-translate answers Nova's own services only.")


def _library(request: Request) -> Library:
    return cast("Library", request.state.library)


def _seconds(request: Request) -> float:
    return cast("float", request.state.seconds)


LibraryDep = Annotated[Library, Depends(_library)]
SecondsDep = Annotated[float, Depends(_seconds)]
ServiceOnly = Depends(_from_a_service)


@router.post("/chat", dependencies=[ServiceOnly])
async def chat(library: LibraryDep, seconds: SecondsDep, call: TranslateRequest) -> TranslateAnswer:
    body = await service.complete(library, call, seconds=seconds)
    return TranslateAnswer(body=body.decode())


@router.post("/embed", dependencies=[ServiceOnly])
async def embed(
    library: LibraryDep, seconds: SecondsDep, call: TranslateRequest
) -> TranslateAnswer:
    body = await service.embed(library, call, seconds=seconds)
    return TranslateAnswer(body=body.decode())


@router.post("/chat/stream", dependencies=[ServiceOnly], response_class=Response)
async def chat_stream(library: LibraryDep, seconds: SecondsDep, call: TranslateRequest) -> Response:
    library.module()
    return sse_response(_events(service.stream(library, call, seconds=seconds)))


async def _events(chunks: AsyncGenerator[bytes, None]) -> AsyncGenerator[bytes, None]:
    """The chunks; a failure is an event of its own, since the headers may have gone out."""
    try:
        async for chunk in chunks:
            yield b"data: " + chunk + b"\n\n"
    except NovaError as error:
        status = error.provider_status if isinstance(error, Failure) else 0
        failure = {"failure": {"status": status, "message": error.detail}}
        yield b"data: " + orjson.dumps(failure) + b"\n\n"
        return
    finally:
        await chunks.aclose()
    yield DONE


def build_app(settings: Settings) -> FastAPI:
    library = Library()

    @asynccontextmanager
    async def lifespan(_app: FastAPI) -> AsyncGenerator[dict[str, Any], None]:
        async with Supervisor() as supervisor:
            supervisor.start(library.load(), name="import of the translation library")
            yield {"library": library, "seconds": settings.nova_provider_timeout_seconds}

    return create_app(
        settings,
        title="Nova llm-translate",
        routers=[router],
        authenticator=Authenticator(settings),
        health=Health({"library": library.check}),
        lifespan=lifespan,
    )
