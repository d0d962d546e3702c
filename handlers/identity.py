"""统一身份认证平台: confirms that it is the person in front of the telephone.

The picture of the face stays there; we keep the result, its token and the time, nothing else.
When it accepts a request it may say a ``scan_url``: the person scans it as a QR code.

Source: JLG-033 to JLG-038 (个人实名认证).
"""

from pydantic import AwareDatetime, Field

from engine.operations import Operation, operations
from handlers.fields import Block, Line, Word

TITLE = "统一身份认证平台"


class Verification(Block):
    """What the person is asked to confirm."""

    purpose: Word = Field(title="认证事由")


class VerificationResult(Block):
    """Proof that the person confirmed it."""

    token: Word = Field(title="认证凭证")
    verified_at: AwareDatetime = Field(title="认证时间")
    scan_url: Line | None = Field(None, title="扫码地址（受理时给出）")


operations.add(
    Operation(
        code="identity/verify",
        title="个人实名认证",
        request=Verification,
        reply=VerificationResult,
        refusals={"NOT_CONFIRMED": "本人未通过实名认证"},
        by_person=True,
        source="JLG-034 JLG-035 JLG-038",
    )
)
