"""A small service to stand behind the proxy: it answers with what it saw and counts its calls."""

import asyncio
import json
from urllib.parse import parse_qs

STATE: dict[str, int] = {"open_streams": 0, "closed_streams": 0, "slow_cancelled": 0}


async def app(scope, receive, send):
    if scope["type"] == "lifespan":
        while True:
            message = await receive()
            await send({"type": message["type"] + ".complete"})
            if message["type"] == "lifespan.shutdown":
                return
    if scope["type"] == "websocket":
        await _websocket(scope, receive, send)
        return
    handler = {
        "/api/sse": _sse,
        "/api/slow": _slow,
        "/api/upload": _upload,
        "/api/early": _early,
        "/api/broken": _broken,
        "/api/state": _state,
    }.get(scope["path"], _echo)
    await handler(scope, receive, send)


async def _answer(send, content, *, status=200, headers=()):
    body = json.dumps(content).encode()
    await send(
        {
            "type": "http.response.start",
            "status": status,
            "headers": [
                (b"content-type", b"application/json"),
                (b"content-length", str(len(body)).encode()),
                *headers,
            ],
        }
    )
    await send({"type": "http.response.body", "body": body})


async def _echo(scope, receive, send):
    body = b""
    while True:
        message = await receive()
        body += message.get("body", b"")
        if not message.get("more_body"):
            break
    await _answer(
        send,
        {
            "method": scope["method"],
            "path": scope["path"],
            "query": scope["query_string"].decode(),
            "headers": {name.decode(): value.decode() for name, value in scope["headers"]},
            "body": body.decode(),
        },
        headers=[(b"keep-alive", b"timeout=9"), (b"x-kept", b"yes"), (b"set-cookie", b"a=1")],
    )


async def _state(scope, receive, send):
    await _answer(send, STATE)


async def _sse(scope, receive, send):
    """One event, then silence until the client goes; the next only when asked by `count`."""
    count = int(parse_qs(scope["query_string"].decode()).get("count", ["1"])[0])
    STATE["open_streams"] += 1
    await send(
        {
            "type": "http.response.start",
            "status": 200,
            "headers": [(b"content-type", b"text/event-stream")],
        }
    )
    for number in range(count):
        await send(
            {
                "type": "http.response.body",
                "body": f"id: {number}\ndata: {{}}\n\n".encode(),
                "more_body": True,
            }
        )
    while (await receive())["type"] != "http.disconnect":
        pass
    STATE["closed_streams"] += 1


async def _slow(scope, receive, send):
    """Answers nothing at all until its client has gone."""
    STATE["open_streams"] += 1
    while (await receive())["type"] != "http.disconnect":
        pass
    STATE["slow_cancelled"] += 1


async def _upload(scope, receive, send):
    """Acknowledges the first piece of a body before the rest has been sent."""
    total, first = 0, asyncio.get_running_loop().create_future()
    while True:
        message = await receive()
        total += len(message.get("body", b""))
        if not first.done() and total:
            first.set_result(None)
            STATE["first_piece"] = STATE.get("first_piece", 0) + 1
        if not message.get("more_body"):
            break
    await _answer(send, {"total": total})


async def _early(scope, receive, send):
    """Refuses without reading the body."""
    await _answer(send, {"detail": "too large"}, status=413)


async def _broken(scope, receive, send):
    """Dies in the middle of its answer."""
    await send(
        {
            "type": "http.response.start",
            "status": 200,
            "headers": [(b"content-length", b"1000")],
        }
    )
    await send({"type": "http.response.body", "body": b"short", "more_body": True})
    raise RuntimeError("this service dies in the middle of its answer")


async def _websocket(scope, receive, send):
    assert (await receive())["type"] == "websocket.connect"
    query = scope["query_string"].decode()
    headers = {name.decode(): value.decode() for name, value in scope["headers"]}
    if query == "refuse":
        await send({"type": "websocket.close", "code": 4001})
        return
    await send({"type": "websocket.accept"})
    if query == "4001":
        await send({"type": "websocket.close", "code": 4001, "reason": "wrong token"})
        return
    await send({"type": "websocket.send", "text": json.dumps({"query": query, "headers": headers})})
    while True:
        message = await receive()
        if message["type"] == "websocket.disconnect":
            STATE["ws_close_code"] = message["code"]
            return
        text = message.get("text")
        if text is not None:
            await send({"type": "websocket.send", "text": "echo " + text})
        else:
            await send({"type": "websocket.send", "bytes": message["bytes"][::-1]})
