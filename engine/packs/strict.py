"""How settings of a pack are read: nothing unknown, nothing changed afterwards."""

from pydantic import BaseModel, ConfigDict

Code = str


class Strict(BaseModel):
    """Unknown keys are mistakes: a misspelt setting must not be silently ignored."""

    model_config = ConfigDict(extra="forbid", frozen=True)
