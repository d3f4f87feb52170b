"""Words by which a text tries to instruct its reader: in several languages, and as roles of a chat."""

from collections.abc import Iterator
from dataclasses import replace

from services.orchestrator.pipeline.scanning.plain_letters import plain
from services.orchestrator.pipeline.scanning.scanner import (
    BoundedPattern,
    Hit,
    Piece,
    Scanner,
    Severity,
    Source,
)

_GAP = r"[\s\p{P}]{1,4}"
_OVERRIDE = BoundedPattern(
    "Instruction to ignore instructions",
    rf"(?i:\b(?:ignore|disregard|forget|override|bypass|overlook){_GAP}(?:(?:all|any|every|everything|the|"
    rf"your|my|these|those|of|and){_GAP}){{0,4}}(?:(?:previous|prior|preceding|earlier|above|foregoing|"
    rf"original|existing|initial|system|current|safety|other){_GAP}){{1,3}}(?:(?:system|safety){_GAP})?"
    r"(?:instructions?|prompts?|messages?|rules?|guidelines?|directions?|commands?|context|polic(?:y|ies))\b"
    rf"|\bignor(?:iere?n?|er){_GAP}(?:\p{{L}}+{_GAP}){{0,3}}(?:vorherige|bisherige|frühere|obige|vorangehende)n?{_GAP}"
    r"(?:anweisungen|befehle|instruktionen|regeln)\b"
    rf"|\b(?:ignore[zr]?|oublie[zr]?){_GAP}(?:toutes{_GAP})?(?:les|vos|tes){_GAP}(?:instructions|consignes|règles)"
    rf"{_GAP}(?:précédentes|antérieures|ci-dessus)"
    rf"|\b(?:ignora|olvida|ignore){_GAP}(?:todas{_GAP})?(?:las|tus|sus){_GAP}(?:instrucciones|órdenes|reglas)"
    rf"{_GAP}(?:anteriores|previas)"
    rf"|\b(?:ignora|dimentica){_GAP}(?:tutte{_GAP})?(?:le|tue){_GAP}istruzioni{_GAP}precedenti"
    rf"|\bignore{_GAP}(?:todas{_GAP})?as{_GAP}instruções{_GAP}anteriores"
    rf"|игнорируй(?:те)?{_GAP}(?:все{_GAP})?(?:предыдущие|прежние){_GAP}(?:инструкции|указания|команды))"
    r"|忽略(?:掉)?(?:你)?(?:之前|以前|以上|先前|前面|上述)(?:的)?(?:所有|全部|任何)?(?:的)?(?:指令|指示|提示|规则)"
    r"|(?:以前|これまで|上記|前)の(?:すべての|全ての)?(?:指示|命令)(?:を|は)(?:すべて|全て)?無視"
    r"|(?:이전|위의)\s?(?:모든\s?)?(?:지시|명령)(?:사항)?(?:를|을)?\s?무시",
    hints=(
        *("ignor", "disregard", "forget", "override", "bypass", "overlook", "oublie", "olvida"),
        *("dimentica", "игнорируй", "忽略", "無視", "무시"),
    ),
    ignore_case=True,
)
_SECRECY = BoundedPattern(
    "Instruction to keep something from the person",
    rf"(?i:\b(?:do{_GAP}not|don['\u2019]?t|never){_GAP}(?:tell|inform|mention{_GAP}(?:this|it){_GAP}to|alert|"
    rf"reveal{_GAP}(?:this|it){_GAP}to|notify){_GAP}(?:the{_GAP})?(?:user|human|operator|owner)\b)",
    hints=("user", "human", "operator", "owner"),
    ignore_case=True,
)
_NEW_ROLE = BoundedPattern(
    "Instruction to be somebody else",
    rf"(?i:\byou{_GAP}are{_GAP}now{_GAP}(?:in{_GAP})?(?:dan\b|developer{_GAP}mode|jailbroken|unrestricted|an?{_GAP}unrestricted|"
    rf"no{_GAP}longer{_GAP}bound)|\b(?:new|updated|real|actual){_GAP}(?:system{_GAP})?(?:instructions?|prompt)\s?:|"
    rf"\breveal{_GAP}(?:your|the){_GAP}(?:system|hidden|initial){_GAP}(?:prompt|instructions)\b)",
    hints=("now", "instruction", "prompt"),
    ignore_case=True,
)
_ROLE_MARK = BoundedPattern(
    "Mark of a chat's roles",
    r"<\|(?:im_start|im_end|system|user|assistant|endoftext|start_header_id|eot_id)\|>|\[/?INST\]|<</?SYS>>|"
    r"(?m:^[ \t]{0,3}(?i:#{2,4} ?system ?:?|</?system>|\[system\]|system ?(?:message|prompt) ?:)[ \t]*$)|"
    r"\n\n(?:Human|Assistant|System): ",
    hints=("<|", "inst]", "sys>>", "system", "human:", "assistant:"),
    ignore_case=True,
)
# In what the task says itself they are more likely a subject than an attempt.
_SEVERITIES: dict[Source, Severity] = {Source.RESULT: "low", Source.FILE: "low"}


def find(piece: Piece) -> Iterator[Hit]:
    severity = _SEVERITIES.get(piece.source, "medium")
    way_back = plain(piece.text)
    seen = replace(piece, text=way_back.text, slow=[])
    for pattern in (_OVERRIDE, _SECRECY, _NEW_ROLE, _ROLE_MARK):
        for match in pattern.matches(seen):
            start = way_back.origin(match.start())
            end = way_back.origin(match.end() - 1) + 1
            yield Hit(start, end, pattern.title, severity)
    piece.slow.extend(seen.slow)


SCANNER = Scanner(name="injected_instructions", category="injection", find=find)
