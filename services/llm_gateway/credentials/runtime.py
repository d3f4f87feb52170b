"""What administration of providers works with."""

from dataclasses import dataclass

from pydantic import SecretStr

from services.kit.db import Database
from services.llm_gateway.credentials.pool import Pool
from services.llm_gateway.credentials.setups import Setups
from services.llm_gateway.credentials.store import ProviderStore


@dataclass(frozen=True, slots=True)
class Runtime:
    """One per process."""

    database: Database
    store: ProviderStore
    setups: Setups
    pool: Pool
    secret_key: SecretStr
