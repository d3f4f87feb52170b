"""Values given to telling names: the value is found, code and placeholders are not."""

import pytest

from tests.fixtures.scanning import found, hits

NAME = "assigned_secrets"
VALUE = "tr0ub4dor&3x"


class TestAssignedSecrets:
    @pytest.mark.parametrize(
        "text",
        [
            'password = "{}"',
            "db_password: '{}'",
            '{{"client_secret": "{}"}}',
            "DB_PASSWORD={}",
            "export API_KEY={}\n",
            "  token: {}\nnext: 1",
            "kennwort := `{}`",
            "postgres://app:{}@db/app",
            "пароль = '{}'",
        ],
    )
    def test_the_value_is_found(self, text: str) -> None:
        assert found(NAME, text.format(VALUE)) == [VALUE]
        (hit,) = hits(NAME, text.format(VALUE))
        assert (hit.severity, hit.blocks, hit.secret) == ("high", False, True)

    @pytest.mark.parametrize(
        "text",
        [
            'password = os.environ["PASSWORD"]',
            "token = settings.token.get_secret_value()",
            "SECRET=${SECRET:-none12345}",
            'secret = "my-secret-name"',
            'password = "<your-password-1>"',
            'token_type = "refresh_token"',
            "password: correct",
            "postgresql://user:password@localhost/db",
            "max_tokens: 12",
            "the token: it was 12345678 long",
        ],
    )
    def test_what_is_no_secret(self, text: str) -> None:
        assert found(NAME, text) == []
