"""Redis: one lazy client a process; what is in it can always be rebuilt from PostgreSQL."""

from urllib.parse import urlsplit, urlunsplit

from redis.asyncio import Redis
from redis.asyncio.connection import ConnectionPool
from redis.exceptions import ConnectionError as RedisConnectionError
from redis.exceptions import RedisError
from redis.exceptions import TimeoutError as RedisTimeoutError

REDIS_DOWN = (RedisConnectionError, RedisTimeoutError, OSError)
"""What a lost or starting Redis raises."""

__all__ = ["REDIS_DOWN", "Redis", "RedisError", "database_url", "open_redis"]


def database_url(url: str, *, database: int) -> str:
    """The URL of database `database` of the Redis that `url` names."""
    return urlunsplit(urlsplit(url)._replace(path=f"/{database}"))


def open_redis(url: str, *, database: int, blocking: bool = False) -> Redis:
    """A client of its own pool; nothing is connected yet.

    `blocking`: for BLPOP and XREAD, which may wait up to ten seconds.
    """
    pool = ConnectionPool.from_url(  # pyright: ignore[reportUnknownMemberType] - redis-py's **kwargs
        database_url(url, database=database),
        socket_connect_timeout=2,
        # Bounded there too: a Redis that hangs would else be waited for without end.
        socket_timeout=15 if blocking else 5,
        health_check_interval=15,
        max_connections=64,
    )
    return Redis.from_pool(pool)
