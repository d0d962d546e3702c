"""整理布局: drawing a diagram anew from what it says, lane by lane and left to right.

For a diagram that was edited as text, came without a drawing, or has grown wild. What it means is
not touched; only the drawing (BPMN DI) is replaced.

- ``placement``  which column and row every element stands in
- ``routing``    the ways of the sequence flows between them, around everything
- ``labelling``  where names stand so that nothing covers them
- ``drawing``    the result as BPMN DI
"""

from engine.arrangement.drawing import arrange

__all__ = ["arrange"]
