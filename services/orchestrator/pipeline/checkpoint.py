"""The names under which a pipeline task's checkpoint keeps what persons have said."""

ANSWERS = "answers"
"""The questions that were asked, with the answers, as texts."""
CLARIFIED_STAGES = "clarified_stages"
"""The stages whose questions were answered."""
APPROVED_CONCERNS = "approved_concerns"
"""The ids of the concerns that a person has approved the result in spite of."""
REVIEW_COMMENT = "review_comment"
"""What a person said with an approval."""
SAID = "said"
"""All of it in order, each with its kind and the last step before it; written by SQL."""


def timed_out(stage: str, round_number: int, attempt: int) -> str:
    """Under this name: why this attempt at the stage was given up."""
    return f"timed_out {stage} {round_number} {attempt}"
