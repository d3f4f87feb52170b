"""How a process names itself to its peers, and for whom it works."""

import hmac

SERVICE_HEADER = "X-Nova-Service"
ON_BEHALF_KEY_HEADER = "X-Nova-Key-Id"
ON_BEHALF_TASK_HEADER = "X-Nova-Task-Id"
STEP_HEADER = "X-Nova-Step-Id"


def service_token(secret: str, caller: str) -> str:
    """The token by which the process `caller` names itself to its peers."""
    signature = hmac.digest(secret.encode(), f"service:{caller}".encode(), "sha256")
    return f"{caller}.{signature.hex()}"
