"""The shapes of keys, tokens and private keys, as their issuers' own documentation gives them.

Data alone: who looks for them brings the expression engine (the `regex` package's syntax, version 1)
and the limit of its time.
"""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class CredentialShape:
    """An expression (its group `secret`, where it has one, is the credential); it is not worth trying
    where none of `hints` stands.
    """

    title: str
    expression: str
    hints: tuple[str, ...]


_BEFORE = r"(?<![A-Za-z0-9_-])"
_AFTER = r"(?![A-Za-z0-9_-])"


def _shape(title: str, expression: str, *hints: str) -> CredentialShape:
    return CredentialShape(title, f"{_BEFORE}(?:{expression}){_AFTER}", hints)


ISSUED_KEYS = (
    _shape("AWS access key", "A(?:KIA|SIA|BIA|CCA)[A-Z2-7]{16}", "AKIA", "ASIA", "ABIA", "ACCA"),
    _shape("GitHub token", "gh[pousr]_[A-Za-z0-9]{36,255}", "ghp_", "gho_", "ghu_", "ghs_", "ghr_"),
    _shape("GitHub token", "github_pat_[A-Za-z0-9_]{40,255}", "github_pat_"),
    _shape(
        "GitLab token",
        r"gl(?:pat|ptt|dt|rt|soat|ft|imt|agent|cbt)-[A-Za-z0-9_.-]{20,300}",
        *("glpat-", "glptt-", "gldt-", "glrt-", "glsoat-", "glft-", "glimt-", "glagent-", "glcbt-"),
    ),
    _shape("Slack token", r"xox[abeoprs]-(?:\d-)?[A-Za-z0-9-]{20,250}", "xox"),
    _shape("Slack token", r"xapp-\d-[A-Z0-9]{8,20}-\d{8,20}-[a-f0-9]{40,80}", "xapp-"),
    _shape(
        "Anthropic key", r"sk-ant-(?:api|oat|ort|admin|sid)\d\d-[A-Za-z0-9_-]{24,200}", "sk-ant-"
    ),
    _shape("OpenAI key", r"sk-(?:proj|svcacct|admin|None)-[A-Za-z0-9_-]{32,250}", "sk-"),
    _shape("OpenAI key", "sk-[A-Za-z0-9]{32,64}", "sk-"),
    _shape("OpenRouter key", "sk-or-v1-[a-f0-9]{64}", "sk-or-"),
    _shape("Nova key", "sk-nova-[A-Za-z0-9_-]{20,100}", "sk-nova-"),
    _shape("Groq key", "gsk_[A-Za-z0-9]{40,64}", "gsk_"),
    _shape("Cerebras key", "csk-[a-z0-9]{40,64}", "csk-"),
    _shape("xAI key", "xai-[A-Za-z0-9]{60,100}", "xai-"),
    _shape("Perplexity key", "pplx-[A-Za-z0-9]{40,64}", "pplx-"),
    _shape("Replicate token", "r8_[A-Za-z0-9]{37,40}", "r8_"),
    _shape("Hugging Face token", "hf_[A-Za-z0-9]{30,40}", "hf_"),
    _shape("Google API key", "AIza[A-Za-z0-9_-]{35}", "AIza"),
    _shape("Google client secret", "GOCSPX-[A-Za-z0-9_-]{28}", "GOCSPX-"),
    _shape("Google access token", r"ya29\.[A-Za-z0-9_-]{40,400}", "ya29."),
    _shape("Stripe key", "(?:sk|rk)_(?:live|test)_[A-Za-z0-9]{20,250}", "_live_", "_test_"),
    _shape("Stripe webhook secret", "whsec_[A-Za-z0-9+/=]{32,80}", "whsec_"),
    _shape("Twilio key", "SK[a-f0-9]{32}", "SK"),
    _shape("SendGrid key", r"SG\.[A-Za-z0-9_-]{22}\.[A-Za-z0-9_-]{43}", "SG."),
    _shape("Mailgun key", "key-[a-f0-9]{32}", "key-"),
    _shape("Mailchimp key", r"[a-f0-9]{32}-us\d{1,2}", "-us"),
    _shape("npm token", "npm_[A-Za-z0-9]{36}", "npm_"),
    _shape("PyPI token", "pypi-AgE[A-Za-z0-9_-]{50,300}", "pypi-AgE"),
    _shape("RubyGems key", "rubygems_[a-f0-9]{48}", "rubygems_"),
    _shape("Docker Hub token", "dckr_(?:pat|oat)_[A-Za-z0-9_-]{27,40}", "dckr_"),
    _shape("DigitalOcean token", "do[opr]_v1_[a-f0-9]{64}", "_v1_"),
    _shape("Telegram bot token", r"\d{8,10}:AA[A-Za-z0-9_-]{33}", ":AA"),
    _shape("Discord bot token", r"[MNO][A-Za-z\d_-]{23,27}\.[\w-]{6}\.[\w-]{27,40}", "."),
    _shape("Shopify token", "shp(?:at|ca|pa|ss)_[a-fA-F0-9]{32}", "shp"),
    _shape("Square token", "sq0(?:atp|csp|idp)-[A-Za-z0-9_-]{22,43}", "sq0"),
    _shape("Linear key", "lin_api_[A-Za-z0-9]{32,64}", "lin_api_"),
    _shape("Notion token", "ntn_[A-Za-z0-9]{40,60}", "ntn_"),
    _shape("Sentry token", r"sntry[su]_[A-Za-z0-9+/=_-]{40,250}", "sntry"),
    _shape("Grafana token", "gl(?:sa|c)_[A-Za-z0-9+/=_]{32,400}", "glsa_", "glc_"),
    _shape("Postman key", "PMAK-[a-f0-9]{24}-[a-f0-9]{34}", "PMAK-"),
    _shape("Databricks token", "dapi[a-f0-9]{32}(?:-[0-9])?", "dapi"),
    _shape("Vault token", r"hv[sbr]\.[A-Za-z0-9_-]{24,250}", "hvs.", "hvb.", "hvr."),
    _shape("Terraform Cloud token", r"[A-Za-z0-9]{14}\.atlasv1\.[A-Za-z0-9_-]{60,70}", ".atlasv1."),
    _shape(
        "Tailscale key", "tskey-(?:auth|api|client)-[A-Za-z0-9]{8,24}-[A-Za-z0-9]{16,48}", "tskey-"
    ),
    _shape("age secret key", "AGE-SECRET-KEY-1[A-Z0-9]{58}", "AGE-SECRET-KEY-1"),
    CredentialShape("Azure storage key", r"(?<=AccountKey=)[A-Za-z0-9+/]{86}==", ("AccountKey=",)),
    CredentialShape(
        "Slack webhook",
        r"(?<=hooks\.slack\.com/services/)T[A-Z0-9]{8,12}/B[A-Z0-9]{8,12}/[A-Za-z0-9]{20,30}",
        ("hooks.slack.com/services/",),
    ),
    CredentialShape(
        "Discord webhook",
        r"(?<=discord(?:app)?\.com/api/webhooks/)\d{17,20}/[A-Za-z0-9_-]{60,70}",
        ("/api/webhooks/",),
    ),
    CredentialShape(
        "AWS secret key",
        r"(?i:aws.{0,20}(?:secret|key).{0,20}?)[\"'=:\s](?P<secret>[A-Za-z0-9/+]{40})(?![A-Za-z0-9/+=])",
        ("aws", "AWS", "Aws"),
    ),
)
PRIVATE_KEY = CredentialShape(
    "Private key",
    # The body must hold something: a mention of the header alone is none.
    r"-----BEGIN (?:[A-Z0-9]{1,12} ){0,3}PRIVATE KEY(?: BLOCK)?-----"
    r"(?=(?:(?!-----END)[\s\S]){0,300}?[A-Za-z0-9+/]{40})(?:(?!-----END)[\s\S]){20,12000}"
    r"(?:-----END (?:[A-Z0-9]{1,12} ){0,3}PRIVATE KEY(?: BLOCK)?-----)?",
    ("PRIVATE KEY",),
)
SIGNED_TOKEN = CredentialShape(
    "Signed token (JWT)",
    rf"{_BEFORE}eyJ[A-Za-z0-9_-]{{10,2000}}+\.eyJ[A-Za-z0-9_-]{{10,4000}}+\.[A-Za-z0-9_-]{{20,1000}}",
    ("eyJ",),
)
