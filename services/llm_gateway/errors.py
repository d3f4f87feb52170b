"""What can go wrong with a model call.

NovaError
├── ProviderFailed 502
│   └── UpstreamError        the provider's own status and message
├── NotFound 404
│   ├── UnknownModel
│   └── ResponseNotFound     a stored response that is not there, or another tenant's
├── Forbidden 403
│   └── ModelForbidden       the key's models, or the strategy, leave it out
├── LimitExceeded 429
│   ├── BudgetExceeded
│   ├── RateLimited          the key's requests or tokens per minute
│   └── QuotaExceeded        the provider's calls per day
├── BadRequest 400
│   ├── PriceUnknown
│   ├── RequestInvalid       facts.param names the field
│   ├── Unsupported          part of a vendor's interface that Nova does not offer
│   └── Untranslatable       the provider's format can't say this request
├── WrongState 409
│   └── StepRepeated         a step's call is made once
└── DependencyDown 503
    └── ProviderDown         it can't be reached, or is not configured
"""

from services.kit.errors import (
    BadRequest,
    DependencyDown,
    Forbidden,
    LimitExceeded,
    NotFound,
    ProviderFailed,
    WrongState,
)

# The provider has turned the call away, and may take it later. 504 is not among them: the call may
# have been carried out.
_PASSING = frozenset({429, 500, 502, 503, 529})


class UpstreamError(ProviderFailed):
    """A provider answered with an error, or broke its answer off (`provider_status` 0).

    `reply_lost`: the call was sent, and what became of it is not known.
    """

    def __init__(
        self,
        provider: str,
        status: int,
        message: str,
        *,
        retry_after: float | None = None,
        reply_lost: bool = False,
        provider_code: str | None = None,
    ) -> None:
        said = f"{provider} answered {status}: {message}" if status else f"{provider}: {message}"
        super().__init__(said, retry_after=retry_after)
        self.provider = provider
        self.provider_status = status
        self.message = message
        self.reply_lost = reply_lost
        self.provider_code = provider_code

    @property
    def is_retryable(self) -> bool:
        """Whether a second try can't be a second charge, and may well work."""
        return not self.reply_lost and self.provider_status in _PASSING


class UnknownModel(NotFound):
    code = "model_not_found"


class ResponseNotFound(NotFound):
    code = "response_not_found"


class BudgetExceeded(LimitExceeded):
    code = "budget_exceeded"


class RateLimited(LimitExceeded):
    code = "rate_limit_exceeded"


class QuotaExceeded(LimitExceeded):
    code = "provider_quota_exceeded"


class ModelForbidden(Forbidden):
    code = "model_forbidden"


class PriceUnknown(BadRequest):
    code = "price_unknown"


class RequestInvalid(BadRequest):
    code = "invalid_request"


class Unsupported(BadRequest):
    code = "unsupported_parameter"


class Untranslatable(BadRequest):
    code = "not_translatable"


class StepRepeated(WrongState):
    code = "step_repeated"


class ProviderDown(DependencyDown):
    """Nothing was sent."""

    code = "provider_unavailable"
