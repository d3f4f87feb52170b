"""The rules that Nova ships, as data; what a user changed in them is never changed back."""

from dataclasses import dataclass
from uuid import UUID

from contracts.rules import CreateRuleRequest
from services.kit.db import Connection
from services.orchestrator.audit.service import SYSTEM, record
from services.orchestrator.policy.service import policy_change
from services.orchestrator.rules import queries
from services.orchestrator.rules.detectors import (
    credential,
    outside_workspace,
    recursive_deletion,
)

_FILE_TOOLS = ["list_dir", "read_file", "write_file", "search_codebase", "git_*"]


@dataclass(frozen=True, slots=True)
class ShippedRule:
    """`id` never changes, so that a rule is known whatever was changed in it."""

    id: UUID
    name: str
    detector: str
    rule: CreateRuleRequest


SHIPPED_RULES = [
    ShippedRule(
        id=UUID("01990000-0000-7000-8000-000000000101"),
        name="no-rm-rf",
        detector=recursive_deletion.NAME,
        rule=CreateRuleRequest(
            rule_text="Never delete whole folders by rm -rf, find -delete or the like.",
            description="Checks the commands of every tool that takes some",
            enforcement="hard",
            action="block",
            severity="critical",
        ),
    ),
    ShippedRule(
        id=UUID("01990000-0000-7000-8000-000000000102"),
        name="workspace-boundary",
        detector=outside_workspace.NAME,
        rule=CreateRuleRequest(
            rule_text="Work on files inside the workspace only.",
            description="Makes visible what file tools would refuse anyway",
            enforcement="hard",
            target_tools=_FILE_TOOLS,
            action="block",
            severity="high",
        ),
    ),
    ShippedRule(
        id=UUID("01990000-0000-7000-8000-000000000103"),
        name="no-secret-in-output",
        detector=credential.NAME,
        rule=CreateRuleRequest(
            rule_text=(
                "Never write keys, tokens, passwords or private keys into a result, a file or a "
                "call of a tool."
            ),
            description="Looks for the well-known forms of credentials",
            enforcement="both",
            action="block",
            severity="critical",
        ),
    ),
]


async def ensure_system_rules(connection: Connection) -> list[str]:
    """Insert the shipped rules that are missing; the names of the new ones.

    Safe when several processes start at once. A rule that is there is left as it is. A user's own
    rule keeps its name: the shipped rule of that name then stays away.
    """
    if await queries.count_rules_among(connection, [rule.id for rule in SHIPPED_RULES]) == len(
        SHIPPED_RULES
    ):
        return []
    added: list[str] = []
    async with policy_change(connection):
        for shipped in SHIPPED_RULES:
            inserted = await queries.insert_shipped(
                connection,
                shipped.id,
                name=shipped.name,
                detector=shipped.detector,
                rule=shipped.rule,
            )
            if not inserted:
                continue
            await record(
                connection,
                actor=SYSTEM,
                action="rule.shipped",
                subject_kind="rule",
                subject_id=shipped.id,
                detail={"name": shipped.name},
            )
            added.append(shipped.name)
    return added
