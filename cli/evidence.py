"""How `learn` and `info` tell why a word was chosen."""

from __future__ import annotations

from dataclasses import asdict
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from kwspot.evidence import Evidence
    from kwspot.keyword import Keyword


def evidence(keyword: Keyword) -> dict[str, Any]:
    """Return what `--json` prints."""
    return {"evidence": asdict(keyword.evidence) if keyword.evidence is not None else None}


def print_evidence(evidence: Evidence | None) -> None:
    """Print what speaks for the word, clip by clip; nothing where nothing is known."""
    if evidence is None:
        return
    wide = max(len(clip) for clip in ("clip", *evidence.clips))
    print(f"\n{'clip':{wide}}  candidates  agreement  lead without it")
    leads = [f"{lead:+15.2f}" for lead in evidence.left_out] or ["-".rjust(15)] * len(
        evidence.clips
    )
    rows = zip(evidence.clips, evidence.candidates, evidence.mean_agreement, leads, strict=True)
    for clip, candidates, agreement, lead in rows:
        print(f"{clip:{wide}}  {candidates:10}  {agreement:9.2f}  {lead}")
    if evidence.margin is not None:
        print(f"lead over the runner-up: {evidence.margin:+.2f}")
